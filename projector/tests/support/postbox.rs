//! A bus with a place for letters, which can be away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_schema::envelope::Meta;
use storage::bus::letters::{Letter, Letters, SharedLetters};
use storage::bus::{Bus, Error, SharedBus, Starts, Subscription};

#[derive(Debug, Default)]
pub(crate) struct Postbox {
    pub(crate) is_away: AtomicBool,
    /// Document, error and position of each.
    copied: Mutex<Vec<(String, String, u64)>>,
}

impl Postbox {
    pub(crate) fn all(&self) -> Vec<(String, String, u64)> {
        self.copied.lock().unwrap().clone()
    }

    /// The positions of one document's letters, as they came.
    pub(crate) fn of(&self, document: &str) -> Vec<u64> {
        let all = self.all().into_iter();
        all.filter(|(of, ..)| of == document).map(|(.., position)| position).collect()
    }
}

#[async_trait]
impl Letters for Postbox {
    async fn copy(&self, letter: Letter<'_>) -> Result<(), Error> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(Error::Unavailable("the postbox is away".into()));
        }
        let document = format!("{} {}", letter.view, letter.document);
        let error = format!("{}: {}", letter.code, letter.error);
        self.copied.lock().unwrap().push((document, error, letter.event.position.0));
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct WithLetters {
    pub(crate) bus: SharedBus,
    pub(crate) postbox: Arc<Postbox>,
}

#[async_trait]
impl Bus for WithLetters {
    fn partitions(&self) -> u32 {
        self.bus.partitions()
    }

    fn partition_of(&self, meta: &Meta) -> u32 {
        self.bus.partition_of(meta)
    }

    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error> {
        self.bus.subscribe(starts).await
    }

    fn letters(&self) -> Option<SharedLetters> {
        Some(self.postbox.clone())
    }
}

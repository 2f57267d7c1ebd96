//! Documents of which every read is counted, and a cache that can be looked into and taken away.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use storage::cache::{self, Cache, Counted};
use storage::documents::watched::Watch;

/// Counts what is read.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Counting {
    pub(crate) fn reads(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Watch for Counting {
    /// As with a server, others go on while one waits for it.
    async fn before_read(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
}

/// A cache of glass: it keeps everything, for ever.
#[derive(Debug, Default)]
pub(crate) struct Glass {
    values: Mutex<BTreeMap<String, (Bytes, Duration)>>,
    is_away: AtomicBool,
}

impl Glass {
    pub(crate) fn take_away(&self) {
        self.is_away.store(true, Ordering::Relaxed);
    }

    pub(crate) fn bring_back(&self) {
        self.is_away.store(false, Ordering::Relaxed);
    }

    /// Everything in it, and for how long it was put there.
    pub(crate) fn values(&self) -> BTreeMap<String, (Bytes, Duration)> {
        self.values.lock().unwrap().clone()
    }

    fn answers(&self) -> Result<(), cache::Error> {
        let away = self.is_away.load(Ordering::Relaxed);
        if away { Err(cache::Error("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Cache for Glass {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, cache::Error> {
        self.answers()?;
        Ok(self.values.lock().unwrap().get(key).map(|(value, _)| value.clone()))
    }

    async fn put(&self, key: &str, value: Bytes, lives: Duration) -> Result<(), cache::Error> {
        self.answers()?;
        self.values.lock().unwrap().insert(key.to_owned(), (value, lives));
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), cache::Error> {
        self.answers()?;
        self.values.lock().unwrap().remove(key);
        Ok(())
    }

    async fn count(&self, _: &str, _: Duration) -> Result<Counted, cache::Error> {
        unreachable!("reads count nothing")
    }

    fn is_shared(&self) -> bool {
        true
    }
}

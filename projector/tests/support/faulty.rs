//! A document store that can be told to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use storage::documents::watched::{Watch, Watched};
use storage::documents::{Error, SharedDocuments};

/// So many writes succeed, then none does.
#[derive(Debug)]
pub(crate) struct Faulty(AtomicI64);

impl Faulty {
    pub(crate) fn after(store: SharedDocuments, writes: i64) -> Arc<Watched<Self>> {
        Arc::new(Watched::new(store, Self(AtomicI64::new(writes))))
    }

    pub(crate) fn is_down(&self) -> bool {
        self.0.load(Ordering::SeqCst) < 0
    }

    pub(crate) fn mend(&self) {
        self.0.store(i64::MAX, Ordering::SeqCst);
    }
}

impl Watch for Faulty {
    fn before_put(&self) -> Result<(), Error> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        self.0.store(-1, Ordering::SeqCst);
        Err(Error::Unavailable("pulled the plug".into()))
    }
}

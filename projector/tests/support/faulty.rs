//! A document store that can be told to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use storage::documents::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, SharedDocuments, Stored,
};

#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    store: SharedDocuments,
    /// So many writes succeed, then none does.
    writes_left: Arc<AtomicI64>,
}

impl Faulty {
    pub(crate) fn after(store: SharedDocuments, writes: i64) -> Self {
        Self { store, writes_left: Arc::new(AtomicI64::new(writes)) }
    }

    pub(crate) fn is_down(&self) -> bool {
        self.writes_left.load(Ordering::SeqCst) < 0
    }

    pub(crate) fn mend(&self) {
        self.writes_left.store(i64::MAX, Ordering::SeqCst);
    }
}

#[async_trait]
impl Documents for Faulty {
    async fn declare(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        self.store.declare(collection, generation).await
    }

    async fn put(
        &self,
        collection: &Collection,
        generation: Generation,
        documents: &[Stored],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error> {
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.writes_left.store(-1, Ordering::SeqCst);
            return Err(Error::Unavailable("pulled the plug".into()));
        }
        self.store.put(collection, generation, documents, checkpoint).await
    }

    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error> {
        self.store.get(collection, generation, ids).await
    }

    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error> {
        self.store.find(collection, generation, find).await
    }

    async fn scan(
        &self,
        collection: &Collection,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, Error> {
        self.store.scan(collection, generation, after, limit).await
    }

    async fn drop_generation(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<(), Error> {
        self.store.drop_generation(collection, generation).await
    }

    async fn checkpoint(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, Error> {
        self.store.checkpoint(collection, generation).await
    }

    async fn serving(&self, collection: &Collection) -> Result<Option<Generation>, Error> {
        self.store.serving(collection).await
    }

    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        self.store.serve(collection, generation).await
    }
}

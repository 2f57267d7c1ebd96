//! A store of documents that counts what is written into it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use storage::documents::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, Serving, SharedDocuments,
    Stored,
};

#[derive(Debug)]
pub(super) struct Counted {
    store: SharedDocuments,
    written: AtomicU64,
}

impl Counted {
    pub(super) fn new(store: SharedDocuments) -> Self {
        Self { store, written: AtomicU64::new(0) }
    }

    pub(super) fn count(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Documents for Counted {
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
        self.store.put(collection, generation, documents, checkpoint).await?;
        let count = u64::try_from(documents.len()).unwrap_or(u64::MAX);
        self.written.fetch_add(count, Ordering::Relaxed);
        Ok(())
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

    async fn all_serving(&self) -> Result<BTreeMap<String, Serving>, Error> {
        self.store.all_serving().await
    }

    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        self.store.serve(collection, generation).await
    }
}

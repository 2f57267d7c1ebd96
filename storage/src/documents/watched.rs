//! Documents of which somebody is told what is asked of them before the store is, and may refuse it: a test,
//! or who measures.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;

use super::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, Serving, SharedDocuments,
    Stored,
};

/// What somebody wants to know, or to have refused.
#[async_trait]
pub trait Watch: fmt::Debug + Send + Sync + 'static {
    /// # Errors
    /// What the put answers instead.
    fn before_put(&self) -> Result<(), Error> {
        Ok(())
    }

    /// After a put that the store has taken.
    fn after_put(&self, _documents: &[Stored]) {}

    /// Before a get or a find.
    async fn before_read(&self) {}
}

/// A store with somebody who watches it.
#[derive(Debug)]
pub struct Watched<W> {
    store: SharedDocuments,
    pub watch: W,
}

impl<W: Watch> Watched<W> {
    #[must_use]
    pub const fn new(store: SharedDocuments, watch: W) -> Self {
        Self { store, watch }
    }
}

#[async_trait]
impl<W: Watch> Documents for Watched<W> {
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
        self.watch.before_put()?;
        self.store.put(collection, generation, documents, checkpoint).await?;
        self.watch.after_put(documents);
        Ok(())
    }

    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error> {
        self.watch.before_read().await;
        self.store.get(collection, generation, ids).await
    }

    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error> {
        self.watch.before_read().await;
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

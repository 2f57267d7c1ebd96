//! Documents of which every read is counted, and a cache that can be looked into and taken away.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use storage::cache::{self, Cache, Counted};
use storage::documents::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, SharedDocuments, Stored,
};

/// Documents that pass on what they are asked.
#[derive(Debug)]
pub(crate) struct Counting {
    documents: SharedDocuments,
    reads: AtomicU64,
}

impl Counting {
    pub(crate) fn new(documents: SharedDocuments) -> Self {
        Self { documents, reads: AtomicU64::new(0) }
    }

    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// As with a server, others go on while one waits for it.
    async fn read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Documents for Counting {
    async fn declare(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        self.documents.declare(collection, generation).await
    }

    async fn put(
        &self,
        collection: &Collection,
        generation: Generation,
        documents: &[Stored],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error> {
        self.documents.put(collection, generation, documents, checkpoint).await
    }

    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error> {
        self.read().await;
        self.documents.get(collection, generation, ids).await
    }

    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error> {
        self.read().await;
        self.documents.find(collection, generation, find).await
    }

    async fn scan(
        &self,
        collection: &Collection,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, Error> {
        self.documents.scan(collection, generation, after, limit).await
    }

    async fn drop_generation(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<(), Error> {
        self.documents.drop_generation(collection, generation).await
    }

    async fn checkpoint(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, Error> {
        self.documents.checkpoint(collection, generation).await
    }

    async fn serving(&self, collection: &Collection) -> Result<Option<Generation>, Error> {
        self.documents.serving(collection).await
    }

    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        self.documents.serve(collection, generation).await
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

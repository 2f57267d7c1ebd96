//! Search for tests that see what is put before the store does, and may change or refuse it.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;

use super::{Entry, Error, Hits, Query, Refused, Search, SharedSearch};
use crate::documents::Generation;

/// What a test wants to have changed, or refused.
pub trait Watch: fmt::Debug + Send + Sync + 'static {
    /// What it takes out of the entries and refuses.
    fn before_put(&self, entries: &mut Vec<Entry>) -> Vec<Refused>;
}

/// A store with somebody who watches it.
#[derive(Debug)]
pub struct Watched<W> {
    store: SharedSearch,
    pub watch: W,
}

impl<W: Watch> Watched<W> {
    #[must_use]
    pub const fn new(store: SharedSearch, watch: W) -> Self {
        Self { store, watch }
    }
}

#[async_trait]
impl<W: Watch> Search for Watched<W> {
    async fn declare(&self, generation: Generation) -> Result<(), Error> {
        self.store.declare(generation).await
    }

    async fn put(&self, generation: Generation, mut entries: Vec<Entry>) -> Result<(), Error> {
        let refused = self.watch.before_put(&mut entries);
        self.store.put(generation, entries).await?;
        if refused.is_empty() { Ok(()) } else { Err(Error::Refused(refused)) }
    }

    async fn search(&self, generation: Generation, query: &Query) -> Result<Hits, Error> {
        self.store.search(generation, query).await
    }

    async fn suggest(
        &self,
        generation: Generation,
        typed: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        self.store.suggest(generation, typed, limit).await
    }

    fn highlights(&self, text: &str, title: &str) -> Vec<Range<usize>> {
        self.store.highlights(text, title)
    }

    async fn scan(
        &self,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.store.scan(generation, after, limit).await
    }

    async fn drop_generation(&self, generation: Generation) -> Result<(), Error> {
        self.store.drop_generation(generation).await
    }
}

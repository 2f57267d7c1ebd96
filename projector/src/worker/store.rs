//! What a worker reads and writes. A store that is down makes it pause, with its place kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use storage::documents::{self, Checkpoint, PAGE_MAX, PUT_MAX, Stored};
use storage::search::Entry;
use storage::{event_log, search};
use tokio::time::Instant;

use super::Worker;
use crate::fold::{Drained, Searched};
use crate::parked::Why;
use crate::progress::Health;
use crate::pump::with_causes;

pub(super) const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Why a worker ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("projector shuts down")]
    Cancelled,
    #[error("{0}")]
    Stopped(String),
}

/// What may go wrong with one request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Documents(#[from] documents::Error),
    #[error(transparent)]
    Search(#[from] search::Error),
    #[error(transparent)]
    Log(#[from] event_log::Error),
    #[error("another process may have taken over: its lease was not renewed in time")]
    Untenured,
    #[error("document cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
}

impl Error {
    /// Whether it may work later.
    const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Untenured
                | Self::Documents(documents::Error::Unavailable(_))
                | Self::Search(search::Error::Unavailable(_))
                | Self::Log(event_log::Error::Unavailable(_))
        )
    }
}

impl Worker {
    /// The documents with these ids, once the store answers.
    pub(super) async fn fetch(&mut self, ids: &[String]) -> Result<Vec<Option<Stored>>, Failure> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(PAGE_MAX) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut pause = PAUSE_MIN;
            let page = loop {
                let collection = (self.spec.collection)();
                match self.ports.documents.get(collection, self.generation, &ids).await {
                    Ok(page) => break page,
                    Err(error) => self.pause(&mut pause, error.into()).await?,
                }
            };
            found.extend(page);
        }
        Ok(found)
    }

    /// Writes everything folded, once the store takes it.
    pub(super) async fn store(&mut self) -> Result<(), Failure> {
        self.deadline = None;
        self.is_writing = true;
        let mut drained = self.fold.drain().map_err(|error| Failure::Stopped(error.to_string()))?;
        let mut pause = PAUSE_MIN;
        while let Err(error) = self.write(&drained).await {
            if !self.park_refused(&mut drained, &error) {
                self.pause(&mut pause, error).await?;
            }
        }
        self.progress.is_stored();
        (self.is_writing, self.stored_at) = (false, Instant::now());
        self.traced.end();
        self.health = Health::Live;
        self.publish();
        Ok(())
    }

    /// The same, tried once: for the end. What was being written then is brought again: a checkpoint must
    /// not cover it.
    pub(super) async fn store_once(&mut self) -> Result<(), Error> {
        if self.is_writing || !self.progress.is_unsaved() && !self.has_news() {
            return Ok(());
        }
        let drained = self.fold.drain()?;
        self.write(&drained).await?;
        self.progress.is_stored();
        self.traced.end();
        self.publish();
        Ok(())
    }

    /// Parks the documents whose entries the index does not take, with all of their events that were not
    /// stored yet. Whether there were any.
    fn park_refused(&mut self, drained: &mut Drained, error: &Error) -> bool {
        let Error::Search(search::Error::Refused(refused)) = error else { return false };
        let why: BTreeMap<&str, &str> =
            refused.iter().map(|entry| (entry.id.as_str(), entry.reason.as_str())).collect();
        let is_refused = |id: &str| why.contains_key(id);
        drained.documents.retain(|document| !is_refused(&document.id));
        let parked: Vec<Searched> =
            drained.entries.extract_if(.., |searched| is_refused(&searched.entry.id)).collect();
        self.fold
            .drop_documents(&parked.iter().map(|searched| searched.entry.id.as_str()).collect());
        self.parked.tell_time(self.ports.world.now());
        for Searched { entry: Entry { id, .. }, positions } in &parked {
            for position in positions {
                let reason = why.get(id.as_str()).copied().unwrap_or_default();
                self.parked.queue(id, *position, Some(Why::refused(reason)));
            }
        }
        !parked.is_empty()
    }

    /// First what is parked, then what is searched, then documents; the checkpoint with the last of
    /// them, so that it never covers what is not there.
    async fn write(&mut self, drained: &Drained) -> Result<(), Error> {
        if !self.tenure.holds() {
            return Err(Error::Untenured);
        }
        let store = Arc::clone(&self.ports.documents);
        self.parked.save(&*store).await?;
        if !drained.entries.is_empty() {
            let entries = drained.entries.iter().map(|searched| searched.entry.clone()).collect();
            self.ports.search.put(self.generation, entries).await?;
        }
        let collection = (self.spec.collection)();
        let mut chunks = drained.documents.chunks(PUT_MAX).peekable();
        while let Some(chunk) = chunks.next_if(|chunk| chunk.len() == PUT_MAX) {
            store.put(collection, self.generation, chunk, None).await?;
        }
        let rest = chunks.next().unwrap_or_default();
        let (generation, parts, epoch) = (self.generation, self.progress.to_store(), self.epoch.0);
        let checkpoint = Checkpoint { generation, parts, epoch };
        store.put(collection, self.generation, rest, Some(&checkpoint)).await?;
        Ok(())
    }

    /// Waits before the next try. What cannot pass by itself stops the view.
    pub(super) async fn pause(
        &mut self,
        pause: &mut Duration,
        error: Error,
    ) -> Result<(), Failure> {
        let reason = with_causes(&error);
        if !error.is_passing() {
            return Err(Failure::Stopped(reason));
        }
        tracing::warn!(view = self.spec.name, reason, "view is paused");
        self.turn(Health::Paused(reason));
        // Nobody waits for what waits itself.
        self.claim.set_behind(false);
        tokio::select! {
            () = self.cancel.cancelled() => return Err(Failure::Cancelled),
            () = tokio::time::sleep(*pause) => {}
        }
        *pause = (*pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

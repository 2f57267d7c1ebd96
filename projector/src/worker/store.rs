//! What a worker reads, and what it parks. A store that is down makes it pause, with its place kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use storage::documents::{self, PAGE_MAX, Stored};
use storage::{event_log, search};
use tokio::task::JoinError;

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
    #[error("a write was not finished: {0}")]
    Unfinished(#[from] JoinError),
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

    /// Writes what is parked, once the store takes it.
    pub(super) async fn save_parked(&mut self) -> Result<(), Failure> {
        let mut pause = PAUSE_MIN;
        while let Err(error) = self.try_to_save_parked().await {
            self.pause(&mut pause, error).await?;
        }
        Ok(())
    }

    pub(super) async fn try_to_save_parked(&mut self) -> Result<(), Error> {
        if !self.parked.is_changed() {
            return Ok(());
        }
        if !self.tenure.holds() {
            return Err(Error::Untenured);
        }
        let store = Arc::clone(&self.ports.documents);
        Ok(self.parked.save(&*store).await?)
    }

    /// Parks the documents whose entries the index does not take, with all of their events that are not
    /// stored yet. Whether there were any.
    pub(super) fn park_refused(&mut self, drained: &mut Drained, error: &Error) -> bool {
        let Error::Search(search::Error::Refused(refused)) = error else { return false };
        let why: BTreeMap<&str, &str> =
            refused.iter().map(|entry| (entry.id.as_str(), entry.reason.as_str())).collect();
        let is_refused = |id: &str| why.contains_key(id);
        drained.documents.retain(|document| !is_refused(&document.id));
        let parked: Vec<Searched> =
            drained.entries.extract_if(.., |searched| is_refused(&searched.entry.id)).collect();
        let ids = parked.iter().map(|searched| searched.entry.id.as_str()).collect();
        let folded_since = self.fold.drop_documents(&ids);
        self.parked.tell_time(self.ports.world.now());
        let positions = parked.iter().flat_map(|searched| {
            searched.positions.iter().map(|position| (searched.entry.id.as_str(), *position))
        });
        let since = folded_since.iter().map(|(id, position)| (id.as_str(), *position));
        for (id, position) in positions.chain(since) {
            let reason = why.get(id).copied().unwrap_or_default();
            self.parked.queue(id, position, Some(Why::refused(reason)));
        }
        !parked.is_empty()
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

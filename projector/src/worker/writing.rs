//! What has left the fold, on its way to the stores: a task beside the worker, which folds on. There is one
//! at a time, so that no document is overtaken by what it was before; and until the next begins, the fold
//! has at hand whatever is on its way, so that nobody looks for it where it has not arrived.

use std::future::pending;

use storage::documents::{Checkpoint, Collection, PUT_MAX};
use tokio::task::JoinHandle;

use super::store::{Error, PAUSE_MIN};
use super::traced::Traced;
use super::{Failure, Worker};
use crate::Ports;
use crate::fold::Drained;
use crate::progress::Health;
use crate::share::Tenure;

/// What was not stored, and why.
pub(super) type Outcome = Result<(), (Drained, Error)>;

#[derive(Debug)]
pub(super) struct Writing {
    checkpoint: Checkpoint,
    task: JoinHandle<Outcome>,
    /// They end with it.
    _traced: Traced,
}

impl Writing {
    /// It ends once.
    async fn end(&mut self) -> Outcome {
        (&mut self.task).await.unwrap_or_else(|error| Err((Drained::default(), error.into())))
    }
}

/// The end of what is on its way, if anything is.
pub(super) async fn end(writing: &mut Option<Writing>) -> Outcome {
    match writing {
        Some(writing) => writing.end().await,
        None => pending().await,
    }
}

/// One try.
struct Write {
    ports: Ports,
    collection: &'static Collection,
    tenure: Tenure,
    checkpoint: Checkpoint,
    drained: Drained,
}

impl Write {
    async fn run(self) -> Outcome {
        let done = self.try_run().await;
        done.map_err(|error| (self.drained, error))
    }

    /// First what is searched, then documents; the checkpoint with the last of them, so that it never
    /// covers what is not there.
    async fn try_run(&self) -> Result<(), Error> {
        if !self.tenure.holds() {
            return Err(Error::Untenured);
        }
        let Drained { documents, entries } = &self.drained;
        let generation = self.checkpoint.generation;
        if !entries.is_empty() {
            let entries = entries.iter().map(|searched| searched.entry.clone()).collect();
            self.ports.search.put(generation, entries).await?;
        }
        let store = &self.ports.documents;
        let mut chunks = documents.chunks(PUT_MAX).peekable();
        while let Some(chunk) = chunks.next_if(|chunk| chunk.len() == PUT_MAX) {
            store.put(self.collection, generation, chunk, None).await?;
        }
        let rest = chunks.next().unwrap_or_default();
        store.put(self.collection, generation, rest, Some(&self.checkpoint)).await?;
        Ok(())
    }
}

impl Worker {
    /// Writes everything folded, and waits until it is stored.
    pub(super) async fn store(&mut self) -> Result<(), Failure> {
        self.begin_store().await?;
        self.settle().await
    }

    /// Sends everything folded on its way, once nothing else is.
    pub(super) async fn begin_store(&mut self) -> Result<(), Failure> {
        self.settle().await?;
        self.deadline = None;
        self.save_parked().await?;
        self.send().map_err(|error| Failure::Stopped(error.to_string()))
    }

    async fn settle(&mut self) -> Result<(), Failure> {
        let Some(writing) = &mut self.writing else { return Ok(()) };
        let outcome = writing.end().await;
        self.heed(outcome).await
    }

    /// What was on its way has ended so. What was not stored is tried again until it is.
    pub(super) async fn heed(&mut self, mut outcome: Outcome) -> Result<(), Failure> {
        let Some(Writing { checkpoint, .. }) = &self.writing else { return Ok(()) };
        let (checkpoint, mut pause) = (checkpoint.clone(), PAUSE_MIN);
        while let Err((mut drained, error)) = outcome {
            if !self.park_refused(&mut drained, &error) {
                self.pause(&mut pause, error).await?;
            }
            self.save_parked().await?;
            outcome = self.write(checkpoint.clone(), drained).run().await;
        }
        self.health = Health::Live;
        self.is_stored();
        Ok(())
    }

    /// For the end: everything is tried once. What is not stored then is brought again, for no checkpoint
    /// covers it.
    pub(super) async fn store_at_end(&mut self) -> Result<(), Error> {
        self.settle_once().await?;
        if self.is_unsent() || self.has_news() {
            self.try_to_save_parked().await?;
            self.send()?;
            self.settle_once().await?;
        }
        Ok(())
    }

    async fn settle_once(&mut self) -> Result<(), Error> {
        if let Some(writing) = &mut self.writing {
            writing.end().await.map_err(|(_, error)| error)?;
            self.is_stored();
        }
        Ok(())
    }

    /// Whether some part is folded further than what is stored or on its way.
    pub(super) fn is_unsent(&self) -> bool {
        let sent = self.writing.as_ref().map(|writing| &writing.checkpoint.parts);
        !self.progress.is_as_far_as(sent)
    }

    fn send(&mut self) -> Result<(), serde_json::Error> {
        let drained = self.fold.drain()?;
        let (generation, epoch) = (self.generation, self.epoch.0);
        let checkpoint = Checkpoint { generation, parts: self.progress.to_store(), epoch };
        let task = self.tracker.spawn(self.write(checkpoint.clone(), drained).run());
        let traced = std::mem::take(&mut self.traced);
        self.writing = Some(Writing { checkpoint, task, _traced: traced });
        Ok(())
    }

    fn write(&self, checkpoint: Checkpoint, drained: Drained) -> Write {
        let (ports, tenure) = (self.ports.clone(), self.tenure.clone());
        Write { ports, collection: (self.spec.collection)(), tenure, checkpoint, drained }
    }

    fn is_stored(&mut self) {
        if let Some(Writing { checkpoint, .. }) = self.writing.take() {
            self.progress.is_stored(checkpoint.parts);
            self.publish();
        }
    }
}

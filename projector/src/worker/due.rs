//! When a worker writes what it has folded.

use std::time::Duration;

use tokio::time::Instant;

use super::writing::Outcome;
use super::{Failure, Worker};

/// Documents that may wait to be written while more batches come in at once.
const GATHERED_MAX: usize = 4_096;
/// How long a checkpoint may wait that comes without a document.
const CHECKPOINTING: Duration = Duration::from_millis(100);
/// While it catches up, writing often is waste: it waits for more as long as more comes.
const GATHERING_IN_BULK: Duration = Duration::from_millis(50);

impl Worker {
    /// Whether it catches up with what was there when it began.
    pub(super) fn is_in_bulk(&self) -> bool {
        self.progress.applied() < self.bulk_until
    }

    /// Whether something is folded or parked that is not stored yet.
    pub(super) fn has_news(&self) -> bool {
        self.fold.changed() > 0 || self.parked.is_changed()
    }

    /// Once the view has caught up, what comes while something is on its way is written together after it.
    pub(super) async fn store_if_due(&mut self) -> Result<(), Failure> {
        let (in_bulk, has_news) = (self.is_in_bulk(), self.has_news());
        let is_enough = self.fold.changed() >= GATHERED_MAX;
        if is_enough || !in_bulk && has_news && self.writing.is_none() {
            return self.begin_store().await;
        }
        if !has_news && !in_bulk {
            // Nothing here for this view: it is as far as the log, and says so in the store soon.
            self.publish();
        }
        if self.is_unsent() || has_news {
            let now = Instant::now();
            self.deadline = match self.deadline {
                _ if in_bulk => Some(now + GATHERING_IN_BULK),
                None => Some(now + CHECKPOINTING),
                deadline => deadline,
            };
        }
        Ok(())
    }

    /// What was on its way has ended so; the next may begin.
    pub(super) async fn go_on(&mut self, outcome: Outcome) -> Result<(), Failure> {
        self.heed(outcome).await?;
        self.store_if_due().await
    }

    /// What is due while something is on its way is looked at when that has ended.
    pub(super) async fn wake(&mut self) -> Result<(), Failure> {
        match (self.writing.is_some(), self.deadline.take()) {
            (true, _) => {}
            (false, Some(_)) => return self.begin_store().await,
            (false, None) => self.fold.forget(),
        }
        Ok(())
    }
}

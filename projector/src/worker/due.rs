//! When a worker writes what it has folded.

use std::time::Duration;

use tokio::time::Instant;

use super::writing::Outcome;
use super::{Failure, Worker};

/// Documents that may wait to be written while more batches come in at once.
const GATHERED_MAX: usize = 4_096;
/// Once the view has caught up it writes no more often than this: what comes sooner is written together,
/// for each write costs as much as several documents.
const SPACING: Duration = Duration::from_millis(20);
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

    pub(super) async fn store_if_due(&mut self) -> Result<(), Failure> {
        let (in_bulk, has_news, now) = (self.is_in_bulk(), self.has_news(), Instant::now());
        let spaced = self.stored_at + SPACING;
        let is_overdue = self.deadline.is_some_and(|deadline| deadline <= now);
        let (is_enough, is_free) = (self.fold.changed() >= GATHERED_MAX, self.writing.is_none());
        if is_enough || !in_bulk && is_free && (is_overdue || has_news && spaced <= now) {
            return self.begin_store().await;
        }
        if !has_news && !in_bulk {
            // Nothing here for this view: it is as far as the log, and says so in the store soon.
            self.publish();
        }
        if self.is_unsent() || has_news {
            let later = match (in_bulk, has_news) {
                (true, _) => now + GATHERING_IN_BULK,
                (false, true) => spaced,
                (false, false) => now + CHECKPOINTING,
            };
            self.deadline = match self.deadline {
                Some(deadline) if !in_bulk => Some(deadline.min(later)),
                Some(_) | None => Some(later),
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

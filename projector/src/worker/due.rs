//! When a worker writes what it has folded.

use std::time::Duration;

use tokio::time::Instant;

use super::{Failure, Worker};

/// Documents that may wait to be written while more batches come in at once.
const GATHERED_MAX: usize = 4_096;
/// How long the first of them may wait once the view has caught up.
const GATHERING: Duration = Duration::from_millis(10);
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

    /// Never waits for more to come, save while it catches up.
    pub(super) async fn store_if_due(&mut self, is_last: bool) -> Result<(), Failure> {
        let in_bulk = self.is_in_bulk();
        let is_overdue = self.deadline.is_some_and(|deadline| deadline <= Instant::now());
        let is_enough = self.fold.changed() >= GATHERED_MAX;
        let has_news = self.has_news();
        let is_due =
            if in_bulk { is_enough } else { is_enough || is_overdue || is_last && has_news };
        if is_due {
            return self.store().await;
        }
        if !has_news && !in_bulk {
            // Nothing here for this view: it is as far as the log, and says so in the store soon.
            self.publish();
        }
        if self.progress.is_unsaved() || has_news {
            let gathering = match (in_bulk, has_news) {
                (true, _) => GATHERING_IN_BULK,
                (false, true) => GATHERING,
                (false, false) => CHECKPOINTING,
            };
            let later = Instant::now() + gathering;
            self.deadline = match self.deadline {
                Some(deadline) if !in_bulk => Some(deadline.min(later)),
                Some(_) | None => Some(later),
            };
        }
        Ok(())
    }

    pub(super) async fn wake(&mut self) -> Result<(), Failure> {
        if self.deadline.is_some() {
            return self.store().await;
        }
        self.fold.forget();
        Ok(())
    }
}

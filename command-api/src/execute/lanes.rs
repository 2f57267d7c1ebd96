//! Lanes: commands that fight for one stream are decided one after another by one owner, and written
//! together. While a unit is being written, the next gathers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events_schema::stream::StreamId;
use storage::event_log::UNIT_COMMANDS_MAX;
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use super::{Executed, Executor, Submission};
use crate::problem::CommandError;

/// More than this many commands waiting for one stream are turned away.
const QUEUE_MAX: usize = 4_096;

type Outcome = Result<Executed, CommandError>;
type Queue = VecDeque<(Submission, Caller)>;

/// Who waits for an outcome, and in which span.
struct Caller {
    outcome: oneshot::Sender<Outcome>,
    span: Span,
}

/// The queue of each lane that has an owner. A lane without commands has none.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<StreamId, Queue>>);

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Up to one unit of what waits; nothing ends the lane.
    fn next_unit(&self, lane: StreamId) -> Queue {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(&lane) else { return Queue::new() };
        if queue.is_empty() {
            queues.remove(&lane);
            return Queue::new();
        }
        let count = queue.len().min(UNIT_COMMANDS_MAX);
        queue.drain(..count).collect()
    }
}

/// Ends a lane whose owner has panicked, so that its callers get an answer.
struct Owner<'a>(&'a Lanes, StreamId);

impl Drop for Owner<'_> {
    fn drop(&mut self) {
        self.0.lock().remove(&self.1);
    }
}

impl Executor {
    pub(super) async fn run_in_lane(&self, lane: StreamId, submission: Submission) -> Outcome {
        let (outcome, receiver) = oneshot::channel();
        let is_first = {
            let mut queues = self.0.lanes.lock();
            let is_first = !queues.contains_key(&lane);
            let queue = queues.entry(lane).or_default();
            if queue.len() >= QUEUE_MAX {
                return Err(CommandError::Busy);
            }
            queue.push_back((submission, Caller { outcome, span: Span::current() }));
            is_first
        };
        if is_first {
            let this = self.clone();
            self.0.tracker.spawn(async move { this.own(lane).await });
        }
        receiver.await.unwrap_or(Err(CommandError::TaskFailed))
    }

    async fn own(&self, lane: StreamId) {
        let owner = Owner(&self.0.lanes, lane);
        loop {
            let (unit, callers): (Vec<_>, Vec<_>) =
                self.0.lanes.next_unit(lane).into_iter().unzip();
            if unit.is_empty() {
                // The lane is gone, and may already have a new owner.
                std::mem::forget(owner);
                return;
            }
            // What is done for several is told as done for the first of them.
            let span = callers.first().map_or_else(Span::none, |caller| caller.span.clone());
            let decided = async {
                match unit.as_slice() {
                    [only] => vec![self.decide_alone(only).await],
                    several => self.decide_together(several).await,
                }
            };
            let results = decided.instrument(span).await;
            for (caller, result) in callers.into_iter().zip(results) {
                // A caller who went away finds the answer under the key.
                let _gone = caller.outcome.send(result);
            }
            // Those who were answered queue up again before the next unit is taken: otherwise the
            // first to come goes alone, and everybody else waits for it.
            tokio::task::yield_now().await;
        }
    }
}

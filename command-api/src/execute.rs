//! The one path from a command to stored events: for HTTP, for imports and for processes.
//!
//! A command is decided in memory on folded states, and appended under the condition that every
//! stream it read still has the version it was read at. So states may be cached: a stale one costs a
//! conflict, never correctness, and a refusal that rests on one is decided again on fresh state.

mod batch;
mod context;
mod decide;
mod lanes;
mod load;
mod policies;
mod staged;
mod state_cache;
mod told;
mod unit_of_work;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Position};
use events_schema::stream::StreamId;
use serde::Serialize;
use storage::event_log::{Intent, SharedLog, UNIT_COMMANDS_MAX};
use storage::world::World;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::problem::CommandError;
use lanes::Lanes;
use policies::Policies;
use state_cache::StateCache;

pub use context::Context;
pub use unit_of_work::{Aggregate, Read, UnitOfWork};

/// A command: reads, decides, writes. It may be called more than once, on fresher state.
#[async_trait]
pub trait Handle: fmt::Debug + Send + Sync + 'static {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError>;

    /// The stream that many such commands fight for: they are then decided one after another, and
    /// written together.
    fn lane(&self) -> Option<StreamId> {
        None
    }
}

/// What a command is answered, as JSON: ids and versions, no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(Vec<u8>);

impl Body {
    /// # Errors
    /// None for bodies made of ids and versions; serde's type says it might.
    pub fn of(answer: &impl Serialize) -> Result<Self, CommandError> {
        serde_json::to_vec(answer).map(Self).map_err(CommandError::bug)
    }
}

/// A command on its way: whose wish it is, in which circumstances, and what it does.
#[derive(Debug)]
pub struct Submission {
    pub intent: Intent,
    pub context: Context,
    pub command: Box<dyn Handle>,
}

/// A command's answer, and where the log holds what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    pub body: Vec<u8>,
    pub position: Position,
    /// What was written to, this time.
    pub streams: Vec<StreamId>,
    /// The answer was given before; this time nothing was written.
    pub repeated: bool,
}

/// Runs commands. Cheap to clone; clones share one cache of states.
#[derive(Clone)]
pub struct Executor(Arc<Inner>);

struct Inner {
    log: SharedLog,
    world: World,
    tracker: TaskTracker,
    states: StateCache,
    policies: Policies,
    lanes: Lanes,
    epoch: Mutex<Option<Epoch>>,
}

impl Executor {
    /// Commands run as tasks of `tracker`, so that a caller who goes away does not stop them and
    /// shutdown waits for them.
    #[must_use]
    pub fn new(log: SharedLog, world: World, tracker: TaskTracker) -> Self {
        Self(Arc::new(Inner {
            log,
            world,
            tracker,
            states: StateCache::default(),
            policies: Policies::default(),
            lanes: Lanes::default(),
            epoch: Mutex::new(None),
        }))
    }

    #[must_use]
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// Runs one command. A repeat of an earlier one gets the earlier answer, also while that one is
    /// still running.
    ///
    /// # Errors
    /// A rule said no, or the log did not take it. Unless the error is
    /// [`CommandError::Unavailable`], nothing was written.
    pub async fn execute(&self, submission: Submission) -> Result<Executed, CommandError> {
        let (this, command_id) = (self.clone(), submission.context.command_id);
        let span = tracing::info_span!("command", command.id = %command_id);
        let work = async move { this.run(submission).await.inspect(told::executed) };
        let task = self.0.tracker.spawn(work.instrument(span));
        task.await.unwrap_or_else(|error| Err(CommandError::bug(error)))
    }

    /// Runs commands in their order, up to 64 in one append; each has its own outcome.
    pub async fn execute_batch(
        &self,
        submissions: Vec<Submission>,
    ) -> Vec<Result<Executed, CommandError>> {
        let (this, count) = (self.clone(), submissions.len());
        let work = async move {
            let mut results = Vec::with_capacity(submissions.len());
            for unit in submissions.chunks(UNIT_COMMANDS_MAX) {
                results.extend(this.run_batch(unit).await);
            }
            results
        };
        match self.0.tracker.spawn(work.in_current_span()).await {
            Ok(results) => results,
            Err(_panicked) => (0..count).map(|_| Err(CommandError::TaskFailed)).collect(),
        }
    }

    /// The epoch of the log. Asked for once, and again after the log was away.
    ///
    /// # Errors
    /// The log cannot be reached.
    pub async fn epoch(&self) -> Result<Epoch, CommandError> {
        let known = *self.0.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(epoch) = known {
            return Ok(epoch);
        }
        let epoch = self.0.log.head().await?.epoch;
        *self.0.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(epoch);
        Ok(epoch)
    }

    async fn run(&self, submission: Submission) -> Result<Executed, CommandError> {
        let intent = submission.intent.clone();
        if let Some(answered) = self.answer(&intent).await? {
            return Ok(answered);
        }
        let result = match submission.command.lane() {
            Some(lane) => self.run_in_lane(lane, submission).await,
            None => self.decide_without_lane(submission).await,
        };
        self.unless_answered(&intent, result).await
    }

    /// A repeat must not be refused by its own success that came in between.
    async fn unless_answered(
        &self,
        intent: &Intent,
        result: Result<Executed, CommandError>,
    ) -> Result<Executed, CommandError> {
        match result {
            Err(refusal) if refusal.is_refusal() || matches!(refusal, CommandError::Repeated) => {
                self.answer(intent).await?.ok_or(refusal)
            }
            Ok(_) | Err(_) => result,
        }
    }

    async fn run_batch(&self, unit: &[Submission]) -> Vec<Result<Executed, CommandError>> {
        let [first, ..] = unit else { return Vec::new() };
        // A batch whose first key is known was sent before, in whole or in part. Of any other, the
        // log says on append whether a key was used.
        let results = match self.answer(&first.intent).await {
            Ok(None) => self.decide_together(unit).await,
            Ok(Some(_)) | Err(_) => self.decide_one_by_one(unit).await,
        };
        let mut answered = Vec::with_capacity(results.len());
        for (submission, result) in unit.iter().zip(results) {
            answered.push(self.unless_answered(&submission.intent, result).await);
        }
        answered
    }

    /// What was answered to the same wish before.
    pub(crate) async fn answer(&self, intent: &Intent) -> Result<Option<Executed>, CommandError> {
        let answer = self.0.log.answer(intent).await?;
        Ok(answer.map(|answer| Executed {
            body: answer.body,
            position: answer.position,
            streams: Vec::new(),
            repeated: true,
        }))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("log", &self.0.log).finish_non_exhaustive()
    }
}

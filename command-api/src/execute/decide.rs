//! Decides commands and appends what was decided, until it is settled what became of each.

use std::sync::PoisonError;
use std::time::Duration;

use events_schema::stream::StreamId;
use storage::event_log::{self, Appended};

use super::batch::{self, Batch, Decision};
use super::{Executed, Executor, Submission, UnitOfWork};
use crate::problem::CommandError;

/// A conflict is retried on fresh state; the last one is the caller's to see.
const ATTEMPTS_MAX: u32 = 3;
const PAUSE_MS: u64 = 10;
/// While the log is away, its own answer is waited for that much longer.
const UNAVAILABLE_PAUSE_MS: u64 = 100;

/// Whether cached states are good enough to decide on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Cached,
    Fresh,
}

/// What became of commands that were decided together.
enum Outcome {
    Settled(Vec<Result<Executed, CommandError>>),
    /// Nothing was written, or nobody knows: look for an answer, then decide again.
    Again(CommandError),
    /// Others were faster, most likely at this stream, where many meet.
    Lost(StreamId),
}

impl Executor {
    /// A command that loses at a stream where many meet queues up there, for its next attempts.
    pub(super) async fn decide_without_lane(
        &self,
        submission: Submission,
    ) -> Result<Executed, CommandError> {
        match self.attempt(std::slice::from_ref(&submission), Freshness::Cached).await {
            Outcome::Settled(mut results) => results.pop().unwrap_or(Err(CommandError::TaskFailed)),
            Outcome::Lost(stream) => self.run_in_lane(stream, submission).await,
            Outcome::Again(error) if error.is_worth_retrying() => {
                self.pause(1, &error).await;
                self.answer_or_decide(&submission).await
            }
            Outcome::Again(error) => Err(error),
        }
    }

    /// All in one append; when that is refused, each on its own.
    pub(super) async fn decide_together(
        &self,
        unit: &[Submission],
    ) -> Vec<Result<Executed, CommandError>> {
        match self.attempt(unit, Freshness::Cached).await {
            Outcome::Settled(results) => results,
            Outcome::Again(_) | Outcome::Lost(_) => self.decide_one_by_one(unit).await,
        }
    }

    pub(super) async fn decide_one_by_one(
        &self,
        unit: &[Submission],
    ) -> Vec<Result<Executed, CommandError>> {
        let mut results = Vec::with_capacity(unit.len());
        let mut is_away = false;
        for submission in unit {
            // One has waited for the log; the others need not wait as long, each after the other.
            let result = if is_away {
                Err(CommandError::Unavailable("the log was away a moment ago".into()))
            } else {
                self.answer_or_decide(submission).await
            };
            is_away = matches!(result, Err(CommandError::Unavailable(_)));
            results.push(result);
        }
        results
    }

    async fn answer_or_decide(&self, submission: &Submission) -> Result<Executed, CommandError> {
        match self.answer(&submission.intent).await? {
            Some(answered) => Ok(answered),
            None => self.decide_alone(submission).await,
        }
    }

    pub(super) async fn decide_alone(
        &self,
        submission: &Submission,
    ) -> Result<Executed, CommandError> {
        let mut freshness = Freshness::Cached;
        let mut attempt = 1;
        loop {
            let again = match self.attempt(std::slice::from_ref(submission), freshness).await {
                Outcome::Settled(mut results) => {
                    return results.pop().unwrap_or(Err(CommandError::TaskFailed));
                }
                Outcome::Again(error) => error,
                Outcome::Lost(_) => CommandError::Conflict,
            };
            // What became of an append that was cut off, only its idempotency row tells.
            self.pause(attempt, &again).await;
            match self.answer(&submission.intent).await {
                Ok(Some(answered)) => return Ok(answered),
                Ok(None) => {}
                Err(error) if !error.is_worth_retrying() => return Err(error),
                Err(_) => {}
            }
            if attempt == ATTEMPTS_MAX || !again.is_worth_retrying() {
                return Err(again);
            }
            attempt += 1;
            freshness = Freshness::Fresh;
        }
    }

    /// Decides in memory, then appends what was decided, all or nothing.
    async fn attempt(&self, unit: &[Submission], freshness: Freshness) -> Outcome {
        let (mut batch, mut decisions) = self.decide(unit, freshness).await;
        let refused_on_cache = batch.rests_on_cache()
            && decisions
                .iter()
                .any(|decision| decision.as_ref().is_err_and(CommandError::is_refusal));
        if refused_on_cache && !batch.has_commands() {
            (batch, decisions) = self.decide(unit, Freshness::Fresh).await;
        }
        if !batch.has_commands() {
            return Outcome::Settled(batch::settle(decisions, &[]));
        }
        // The conditions cover what refusals rest on, too: once this is written they hold.
        let hot = batch.hot_stream();
        let (unit, states) = batch.into_unit();
        match self.0.log.append(unit).await {
            Ok(Appended::Done(positions)) => {
                self.0.policies.forget_written(&states);
                self.0.states.put_all(states);
                Outcome::Settled(batch::settle(decisions, &positions))
            }
            Ok(Appended::Conflict) => {
                metrics::counter!("command_conflicts_total").increment(1);
                hot.map_or(Outcome::Again(CommandError::Conflict), Outcome::Lost)
            }
            Ok(Appended::Repeated) => Outcome::Again(CommandError::Repeated),
            Err(error) => {
                if matches!(error, event_log::Error::Unavailable(_)) {
                    *self.0.epoch.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
                Outcome::Again(error.into())
            }
        }
    }

    async fn decide(&self, unit: &[Submission], freshness: Freshness) -> (Batch, Vec<Decision>) {
        let mut batch = Batch::new(freshness);
        let mut decisions = Vec::with_capacity(unit.len());
        for submission in unit {
            decisions.push(self.decide_one(submission, &mut batch).await);
        }
        (batch, decisions)
    }

    async fn decide_one(&self, submission: &Submission, batch: &mut Batch) -> Decision {
        // A unit holds no key twice: the second of two twins is decided once the first is written.
        if batch.has_key_of(&submission.intent) {
            return Err(CommandError::Repeated);
        }
        let mut work = UnitOfWork::new(&self.0, batch, &submission.context);
        let handled = submission.command.handle(&mut work).await;
        let staged = work.into_staged();
        match handled.and_then(|body| staged.seal(&self.0.world, submission, body)) {
            Ok(written) => Ok(batch.accept(written)),
            Err(error) => {
                batch.dismiss_reads();
                Err(error)
            }
        }
    }

    /// Longer with each attempt, and never the same for two who met in a conflict.
    async fn pause(&self, attempt: u32, error: &CommandError) {
        if matches!(error, CommandError::Repeated) {
            return;
        }
        let is_away = matches!(error, CommandError::Unavailable(_));
        let base = if is_away { UNAVAILABLE_PAUSE_MS } else { PAUSE_MS };
        let mut jitter = [0; 2];
        self.0.world.fill(&mut jitter);
        let most = base.saturating_mul(1_000 << attempt.min(8));
        let share = most.saturating_mul(u64::from(u16::from_be_bytes(jitter))) >> 16;
        tokio::time::sleep(Duration::from_micros(most / 2 + share / 2)).await;
    }
}

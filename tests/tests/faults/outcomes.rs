//! What the load was answered, and what can be asked of that.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::gateway::Answer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Command,
    /// Documents, kept by nobody else.
    List,
    /// One public document, which the query API may keep.
    Page,
    Search,
    /// Read from the log.
    Past,
}

pub(crate) const KINDS: [Kind; 5] =
    [Kind::Command, Kind::List, Kind::Page, Kind::Search, Kind::Past];

#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) answer: Answer,
}

impl Outcome {
    pub(crate) fn is_well(&self) -> bool {
        self.answer.status().is_some_and(|status| (200..300).contains(&status))
    }

    fn took(&self) -> Duration {
        self.ended - self.began
    }
}

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Outcomes {
    pub(crate) fn add(&self, outcome: Outcome) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
    }

    /// Those of a kind that began and ended in this time.
    fn within(&self, kind: Kind, from: Instant, to: Instant) -> Vec<Outcome> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_within = |outcome: &&Outcome| {
            outcome.kind == kind && outcome.began >= from && outcome.ended <= to
        };
        all.iter().filter(is_within).cloned().collect()
    }

    /// How requests of a kind that began in this time were answered: those that ended in it too by
    /// their answers, all by how long that took.
    pub(crate) fn tally(&self, kind: Kind, from: Instant, to: Instant) -> Tally {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tally = Tally::default();
        for outcome in all.iter() {
            if outcome.kind != kind || !(from..to).contains(&outcome.began) {
                continue;
            }
            tally.slowest = tally.slowest.max(outcome.took());
            if outcome.ended <= to {
                *tally.answers.entry(outcome.answer.status()).or_default() += 1;
            }
        }
        tally
    }

    /// From `back` until requests of this kind are answered well and go on to be: until the first that
    /// was after the last that was not. `None` where none was.
    pub(crate) fn well_again(&self, kind: Kind, back: Instant, until: Instant) -> Option<Duration> {
        let since = self.within(kind, back, until);
        let last_failed = since.iter().filter(|outcome| !outcome.is_well());
        let last_failed = last_failed.map(|outcome| outcome.began).max().unwrap_or(back);
        let well = since.iter().filter(|outcome| outcome.is_well() && outcome.began >= last_failed);
        well.map(|outcome| outcome.ended - back).min()
    }

    /// Whatever no client may ever see: a failure that is none of a dependency's, an answer that broke off.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = all.iter().filter_map(|outcome| match &outcome.answer {
            Answer::Reply(reply) if outcome.is_well() || reply.status == 503 => None,
            Answer::Reply(reply) => {
                Some(format!("{:?}: {} {}", outcome.kind, reply.status, reply.text()))
            }
            Answer::Nobody => Some(format!("{:?}: nobody listens", outcome.kind)),
            Answer::Broken(why) => Some(format!("{:?}: {why}", outcome.kind)),
        });
        told.collect()
    }

    /// Whatever was not answered as it should be where everything is there.
    pub(crate) fn failed(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = all.iter().filter(|outcome| !outcome.is_well());
        failed.map(|outcome| format!("{:?}: {:?}", outcome.kind, outcome.answer)).collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Answers by status, of which `None` is no answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) answers: BTreeMap<Option<u16>, usize>,
    pub(crate) slowest: Duration,
}

impl Tally {
    /// Whether there were answers, and no others than these.
    pub(crate) fn is_only(&self, statuses: &[u16]) -> bool {
        let is_one = |status: &Option<u16>| status.is_some_and(|known| statuses.contains(&known));
        !self.answers.is_empty() && self.answers.keys().all(is_one)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = self
            .answers
            .iter()
            .map(|(status, count)| match status {
                Some(status) => format!("{status}×{count}"),
                None => format!("none×{count}"),
            })
            .collect();
        f.pad(&told.join(" "))
    }
}

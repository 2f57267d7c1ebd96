//! Policies: fees and limits, recorded ahead of the date from which they hold. Never changed, only
//! followed by the next one.

mod defaults;
mod fee;
mod observe;
mod record;

use events_schema::envelope::Version;
use events_schema::stream::StreamId;

use crate::decider::{Decider, Observer, Refusal, RefusalKind};
use crate::time::Timestamp;

pub use defaults::{DEFAULT_FEES, DEFAULT_LIMITS};
pub use events_schema::policy::{
    Event, FeeTerms, Fees, Limits, PolicyKind, Recorded, Rounding, Terms,
};
pub use fee::{fee, fee_terms};
pub use observe::Observation;
pub use record::{NOTICE_S, Record};

/// Every policy of one kind, in the order in which they were recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    history: Vec<Recorded>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Record(Record),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("terms are of another kind than the policy")]
    KindMismatch,
    #[error("a policy is recorded at least {NOTICE_S} seconds before it holds")]
    TooSoon,
    #[error("a rate is at most 10000 basis points")]
    RateTooHigh,
    #[error("fee and VAT together are at most half of the price")]
    FeeTooHigh,
    #[error("a limit is outside its sane bounds")]
    LimitOutOfBounds,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::KindMismatch => "policy_kind_mismatch",
            Self::TooSoon => "policy_too_soon",
            Self::RateTooHigh => "policy_rate_too_high",
            Self::FeeTooHigh => "policy_fee_too_high",
            Self::LimitOutOfBounds => "policy_limit_out_of_bounds",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::KindMismatch
            | Self::TooSoon
            | Self::RateTooHigh
            | Self::FeeTooHigh
            | Self::LimitOutOfBounds => RefusalKind::Rule,
        }
    }
}

impl Policy {
    /// The one with the latest beginning that is not after `instant`; of two with the same, the
    /// one that was recorded later.
    #[must_use]
    pub fn in_force_at(&self, instant: Timestamp) -> Option<(Version, &Terms)> {
        (1_u64..)
            .zip(&self.history)
            .filter(|(_, recorded)| recorded.effective_from <= instant)
            .max_by_key(|(version, recorded)| (recorded.effective_from, *version))
            .map(|(version, recorded)| (Version(version), &recorded.terms))
    }

    /// As [`Policy::in_force_at`], of the stream `policy/fees`.
    #[must_use]
    pub fn fees_at(&self, instant: Timestamp) -> Option<(Version, Fees)> {
        match self.in_force_at(instant)? {
            (version, Terms::Fees(fees)) => Some((version, *fees)),
            (_, Terms::Limits(_)) => None,
        }
    }

    /// As [`Policy::in_force_at`], of the stream `policy/limits`.
    #[must_use]
    pub fn limits_at(&self, instant: Timestamp) -> Option<(Version, Limits)> {
        match self.in_force_at(instant)? {
            (version, Terms::Limits(limits)) => Some((version, *limits)),
            (_, Terms::Fees(_)) => None,
        }
    }
}

impl Decider for Policy {
    type Id = PolicyKind;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(kind: PolicyKind) -> StreamId {
        StreamId::Policy(kind)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Policy(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Record(record) => record::decide(self, record),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Recorded(recorded) => self.history.push(recorded.clone()),
        }
        self
    }
}

impl Observer for Policy {
    type Observation = Observation;

    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Seen(seen) => observe::seen(self, seen),
        }
    }
}

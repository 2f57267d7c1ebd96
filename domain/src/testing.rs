//! Given a history, when a command comes, then these events follow.

use uuid::Uuid;

use crate::decider::{Decider, Observer, replay};
use crate::time::Timestamp;

pub const NOON: Timestamp = Timestamp::from_unix_micros(1_700_000_000_000_000);

/// The n-th id of any kind: `id::<_>(3, OrderId::new)`.
pub fn id<T>(n: u128, new: impl Fn(Uuid) -> T) -> T {
    new(Uuid::from_u128(n))
}

pub fn given<D: Decider>(history: impl IntoIterator<Item = impl Into<D::Event>>) -> Given<D> {
    let history: Vec<D::Event> = history.into_iter().map(Into::into).collect();
    Given(replay(&history))
}

#[derive(Debug)]
pub struct Given<D>(pub D);

impl<D: Decider> Given<D> {
    #[must_use]
    pub fn when(self, command: D::Command) -> Outcome<D> {
        Outcome(self.0.decide(command))
    }
}

impl<D: Observer> Given<D> {
    #[must_use]
    pub fn when_observed(self, observation: D::Observation) -> Outcome<D> {
        Outcome(Ok(self.0.observe(observation)))
    }
}

#[derive(Debug)]
pub struct Outcome<D: Decider>(pub Result<Vec<D::Event>, D::Rejection>);

impl<D: Decider> Outcome<D> {
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = impl Into<D::Event>>) {
        let expected = expected.into_iter().map(Into::into).collect::<Vec<D::Event>>();
        assert_eq!(self.0, Ok(expected));
    }

    #[track_caller]
    pub fn then_nothing(self) {
        assert_eq!(self.0, Ok(vec![]));
    }

    #[track_caller]
    pub fn then_rejected(self, expected: D::Rejection) {
        assert_eq!(self.0, Err(expected));
    }
}

//! The one shape every aggregate has.

use std::fmt;

use events_schema::stream::StreamId;

/// An aggregate: its history folds into a state, and a command on that state gives new events.
pub trait Decider: Default + Clone + fmt::Debug + Send + Sync + 'static {
    type Id: Copy + fmt::Debug + Send;
    type Command: fmt::Debug;
    type Event: Clone + fmt::Debug + PartialEq + Into<events_schema::Event>;
    type Rejection: Refusal + PartialEq;

    /// The stream that holds the history of `id`.
    fn stream(id: Self::Id) -> StreamId;

    /// This aggregate's part of the language; `None` for everybody else's.
    fn own(event: events_schema::Event) -> Option<Self::Event>;

    /// Checks the rules, in a fixed order: existence, permission, state, amounts. Says what
    /// happened, or why it must not happen.
    ///
    /// # Errors
    /// The first rule that says no.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Applies one fact. Total: a fact already happened, so it cannot be refused.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;
}

/// The second door, for what the outside world reports: recorded as it was observed, with the
/// anomalies that the rules see in it. Never refused, never dropped.
pub trait Observer: Decider {
    type Observation: fmt::Debug;

    /// Total. An observation that was recorded before gives no events.
    #[must_use]
    fn observe(&self, observation: Self::Observation) -> Vec<Self::Event>;
}

/// A rule said no: expected, and shown to the caller (`Display` is the sentence).
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// Stable, `snake_case`.
    fn code(&self) -> &'static str;

    fn kind(&self) -> RefusalKind;
}

/// What a refusal is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// It does not exist, or it is somebody else's: the caller cannot tell which.
    Absent,
    /// Somebody was faster, or the state has moved on: looking again may help.
    Conflict,
    /// A rule forbids it, however often it is asked.
    Rule,
}

/// Folds a history into the state it leads to.
pub fn replay<'a, D: Decider<Event: 'a>>(history: impl IntoIterator<Item = &'a D::Event>) -> D {
    history.into_iter().fold(D::default(), D::evolve)
}

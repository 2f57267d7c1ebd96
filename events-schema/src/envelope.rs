//! What the log knows of an event besides what it says.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::content_hash::ContentHash;
use crate::ids::{CommandId, CorrelationId, EventId, PersonId};
use crate::malformed::Malformed;
use crate::stream::{PartitionKey, StreamId};
use crate::time::Timestamp;

/// A place in the log: 1, 2, 3 … without a gap. 0 is before the first event.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many events a stream holds. The next append must expect exactly this.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Deserialize,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Raised whenever the log is restored from a backup or fails over to a copy that may have lost its
/// end. Starts at 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// What somebody may do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Buyer,
    Seller,
    /// Acts for sellers.
    Manager,
    Admin,
    /// Reads everything, writes nothing.
    Auditor,
    /// Reads history without personal data.
    Analyst,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Buyer, Self::Seller, Self::Manager, Self::Admin, Self::Auditor, Self::Analyst];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }
}

impl FromStr for Role {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(Malformed("role"))
    }
}

/// Who did it. As text `per_…:seller` or `process:import`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Person { person_id: PersonId, role: Role },
    Process(Cow<'static, str>),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { person_id, role } => write!(f, "{person_id}:{}", role.as_str()),
            Self::Process(name) => write!(f, "process:{name}"),
        }
    }
}

impl FromStr for Actor {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if let Some(name) = text.strip_prefix("process:") {
            return Ok(Self::Process(name.to_owned().into()));
        }
        let (person_id, role) = text.split_once(':').ok_or(Malformed("actor"))?;
        let person_id = person_id.parse().map_err(|_| Malformed("actor"))?;
        Ok(Self::Person { person_id, role: role.parse()? })
    }
}

/// By which door the command came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    Http,
    Import,
    Process,
    Operator,
}

impl Origin {
    pub const ALL: [Self; 4] = [Self::Http, Self::Import, Self::Process, Self::Operator];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Import => "import",
            Self::Process => "process",
            Self::Operator => "operator",
        }
    }
}

impl FromStr for Origin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text).ok_or(Malformed("origin"))
    }
}

/// What made this happen: another event, or a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CausationId {
    Event(EventId),
    Command(CommandId),
}

impl fmt::Display for CausationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => id.fmt(f),
            Self::Command(id) => id.fmt(f),
        }
    }
}

impl FromStr for CausationId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse()
            .map(Self::Event)
            .or_else(|_| text.parse().map(Self::Command))
            .map_err(|_| Malformed("causation id"))
    }
}

/// What the writer says of an event, save the payload. All of it but the partition key (which
/// follows from the stream) is covered by the content hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    pub stream: StreamId,
    pub version: Version,
    pub partition_key: PartitionKey,
    pub event_id: EventId,
    pub event_type: Cow<'static, str>,
    pub schema_version: u16,
    /// When it happened in the world.
    pub occurred_at: Timestamp,
    pub actor: Actor,
    pub on_behalf_of: Option<PersonId>,
    pub origin: Origin,
    pub command_id: CommandId,
    pub correlation_id: CorrelationId,
    pub causation_id: Option<CausationId>,
    /// W3C `traceparent`.
    pub trace_context: Option<String>,
}

/// The event's data: the very bytes that were written (JSON), never re-encoded.
pub type Payload = Vec<u8>;

/// An event as it stands in the log: with its bytes (`Recorded<Payload>`) or decoded
/// (`Recorded<Event>`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<E> {
    pub position: Position,
    pub epoch: Epoch,
    /// When we learned it, given by the log. Never falls as positions rise.
    pub recorded_at: Timestamp,
    pub content_hash: ContentHash,
    pub meta: Meta,
    pub event: E,
}

impl<E> Recorded<E> {
    /// The same record around another form of its event.
    pub fn map<F>(self, form: impl FnOnce(E) -> F) -> Recorded<F> {
        let Self { position, epoch, recorded_at, content_hash, meta, event } = self;
        Recorded { position, epoch, recorded_at, content_hash, meta, event: form(event) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_read_back() {
        let person_id = PersonId::new(uuid::Uuid::nil());
        for actor in
            [Actor::Person { person_id, role: Role::Manager }, Actor::Process("import".into())]
        {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
        let event = CausationId::Event(EventId::new(uuid::Uuid::nil()));
        let command = CausationId::Command(CommandId::new(uuid::Uuid::nil()));
        for cause in [event, command] {
            assert_eq!(cause.to_string().parse(), Ok(cause));
        }
        assert_eq!("per_x:buyer".parse::<Actor>(), Err(Malformed("actor")));
        assert_eq!("king".parse::<Role>(), Err(Malformed("role")));
    }
}

//! The event log: the only truth. Append and read, nothing else.
//!
//! Positions are dense (1, 2, 3 …, commit order is position order), versions are dense in each
//! stream, an append is all or nothing and durable when it is acknowledged.

mod bounds;
mod columns;
mod failure;
mod group;
mod growth;
mod open;
mod page;
#[cfg(feature = "postgres")]
pub mod postgres;
mod seal;
pub mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Meta, Payload, Position, Recorded, Version};
use events_schema::ids::{CorrelationId, PersonId};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

#[cfg(feature = "kafka")]
pub(crate) use self::columns::Columns;
pub use self::columns::verify;
pub use self::open::{is_written, migrate, open, open_read_only, raise_epoch};
pub use self::page::{PAGE_BYTES, Page, READ_MAX};

/// Whose wish this is, under which key, and a digest of what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    pub principal: Principal,
    /// 1 … 255 bytes, chosen by the caller.
    pub key: String,
    /// HMAC over method, path and canonical body.
    pub fingerprint: [u8; 32],
}

/// The scope of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// Keys live 30 days.
    Person(PersonId),
    /// Keys live for ever.
    Process(String),
}

/// What a command was answered, kept in the idempotency row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Ids and versions, as JSON. No personal data.
    pub body: Vec<u8>,
    /// Of the command's last event; of the head, where it wrote none.
    pub position: Position,
}

/// An event to be written: its version in the stream and its hash are already settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub meta: Meta,
    pub payload: Payload,
}

/// One command of a unit: its idempotency row and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub intent: Intent,
    /// The answer's body; its position is the log's to give.
    pub answer: Vec<u8>,
    pub events: Vec<NewEvent>,
}

/// What is appended together or not at all: one command, or the 1 … 64 that a lane hands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Every stream that was read, once, at the version it had, written to or not.
    pub conditions: Vec<(StreamId, Version)>,
    pub commands: Vec<Command>,
}

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// One position for each command: of its last event, or of the head where it wrote none.
    Done(Vec<Position>),
    /// A stream has moved on. Nothing was written.
    Conflict,
    /// At least one key was used before. Nothing was written; look the answers up.
    Repeated,
}

/// Where the log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub epoch: Epoch,
    pub position: Position,
    pub recorded_at: Timestamp,
}

/// Which events a reader wants. An empty filter wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Exact event types (`order.placed`); empty for all.
    pub event_types: Vec<String>,
    /// A prefix of the stream's text: `order/`, or one whole stream.
    pub stream_prefix: Option<String>,
    pub correlation_id: Option<CorrelationId>,
    pub recorded_from: Option<Timestamp>,
    /// Exclusive.
    pub recorded_until: Option<Timestamp>,
}

/// The most events, and bytes of payload, of one command.
pub const COMMAND_EVENTS_MAX: usize = 512;
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// The most commands of one unit.
pub const UNIT_COMMANDS_MAX: usize = 64;

/// Why the log did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Try again later. An append may or may not have happened: its idempotency row tells.
    #[error("event log is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The key was used before, for another wish.
    #[error("idempotency key was used for another request")]
    KeyReused,
    /// The caller broke this port's contract, or a limit. Nothing was written.
    #[error("request to the event log is invalid: {0}")]
    Invalid(&'static str),
    /// What is stored cannot be: a hole, a bad hash, an unreadable column. Somebody has to look.
    #[error("event log is corrupt at position {position}: {what}")]
    Corrupt { position: Position, what: String },
    /// The log cannot be opened as configured.
    #[error("event log cannot be opened: {0}")]
    Configuration(String),
}

/// The port.
#[async_trait]
pub trait EventLog: fmt::Debug + Send + Sync + 'static {
    /// Appends all of a unit or nothing of it, durably.
    async fn append(&self, unit: Unit) -> Result<Appended, Error>;

    /// The answer that this intent already got. [`Error::KeyReused`] when the key was used with
    /// another fingerprint.
    async fn answer(&self, intent: &Intent) -> Result<Option<Answer>, Error>;

    /// Forgets some of the keys that persons used more than 30 days ago, the oldest first; how many.
    /// A forgotten key is a new one when it is given again.
    async fn forget_keys(&self) -> Result<u64, Error>;

    /// The events of a stream after `after`, at most `limit` ≤ [`READ_MAX`].
    async fn read_stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Page<Version>, Error>;

    /// The events of the log after `after` that pass the filter, at most `limit` ≤ [`READ_MAX`],
    /// looked for in a bounded part of the log. With an empty filter the result is dense, and a
    /// hole is [`Error::Corrupt`].
    async fn read(
        &self,
        after: Position,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<Position>, Error>;

    /// The events at the first of these positions (ascending), each of which must exist: at least
    /// one, as many as a page holds.
    async fn read_at(&self, positions: &[Position]) -> Result<Vec<Recorded<Payload>>, Error>;

    /// Where the log ends now.
    async fn head(&self) -> Result<Head, Error>;

    /// The last position with `recorded_at` ≤ `at`, settled: no later append can join that prefix.
    async fn position_at(&self, at: Timestamp) -> Result<Position, Error>;

    /// Returns once the log may have grown beyond `position`: at once if it has, on the next append
    /// of this process, and in any case after at most 50 ms.
    async fn wait_beyond(&self, position: Position);

    /// Tells the metrics what it holds now, such as connections.
    fn measure(&self) {}

    /// Takes no more appends, waits for those that were taken, and lets go of the store.
    async fn close(&self) {}
}

/// A log that roles share.
pub type SharedLog = Arc<dyn EventLog>;

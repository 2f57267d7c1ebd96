//! A stored row, and the event that it must be.

use std::str::FromStr;

use events_schema::content_hash::{self, ContentHash};
use events_schema::envelope::{Epoch, Meta, Payload, Position, Recorded, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId, PersonId};
use events_schema::stream::PartitionKey;
use events_schema::time::Timestamp;
use uuid::Uuid;

use super::Error;
use super::page::{PAGE_BYTES, payload_bytes};

/// The columns of one event, as either adapter reads them.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) position: i64,
    pub(crate) epoch: i64,
    pub(crate) recorded_at: Timestamp,
    pub(crate) stream: String,
    pub(crate) partition_key: String,
    pub(crate) version: i64,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: String,
    pub(crate) schema_version: i64,
    pub(crate) occurred_at: Timestamp,
    pub(crate) actor: String,
    pub(crate) on_behalf_of: Option<Uuid>,
    pub(crate) origin: String,
    pub(crate) command_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) causation_id: Option<String>,
    pub(crate) trace_context: Option<String>,
    pub(crate) content_hash: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

pub(super) fn corrupt(position: i64, what: impl Into<String>) -> Error {
    Error::Corrupt { position: Position(u64::try_from(position).unwrap_or(0)), what: what.into() }
}

impl Columns {
    pub(crate) fn parse(self) -> Result<Recorded<Payload>, Error> {
        let position = self.position;
        let bad = |column: &str| corrupt(position, format!("column {column} does not read"));
        Ok(Recorded {
            position: Position(number(position).ok_or_else(|| bad("position"))?),
            epoch: Epoch(number(self.epoch).ok_or_else(|| bad("epoch"))?),
            recorded_at: self.recorded_at,
            content_hash: ContentHash(
                self.content_hash.try_into().map_err(|_| bad("content_hash"))?,
            ),
            meta: Meta {
                stream: parsed(&self.stream).ok_or_else(|| bad("stream"))?,
                version: Version(number(self.version).ok_or_else(|| bad("version"))?),
                partition_key: PartitionKey::from_stored(self.partition_key),
                event_id: EventId::new(self.event_id),
                event_type: self.event_type.into(),
                schema_version: number(self.schema_version).ok_or_else(|| bad("schema_version"))?,
                occurred_at: self.occurred_at,
                actor: parsed(&self.actor).ok_or_else(|| bad("actor"))?,
                on_behalf_of: self.on_behalf_of.map(PersonId::new),
                origin: parsed(&self.origin).ok_or_else(|| bad("origin"))?,
                command_id: CommandId::new(self.command_id),
                correlation_id: CorrelationId::new(self.correlation_id),
                causation_id: match self.causation_id {
                    Some(text) => Some(parsed(&text).ok_or_else(|| bad("causation_id"))?),
                    None => None,
                },
                trace_context: self.trace_context,
            },
            event: self.payload,
        })
    }
}

fn number<T: TryFrom<i64>>(stored: i64) -> Option<T> {
    T::try_from(stored).ok()
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Whether an event still has the hash that its writer gave it.
#[must_use]
pub fn verify(recorded: &Recorded<Payload>) -> bool {
    content_hash::of(&recorded.meta, &recorded.event) == recorded.content_hash
}

/// The events must be those right after `after`, without a hole.
pub(super) fn require_dense(after: Position, events: &[Recorded<Payload>]) -> Result<(), Error> {
    let mut expected = after;
    for event in events {
        expected = expected.next();
        if event.position != expected {
            let what = format!("a hole: {} comes next", event.position);
            return Err(Error::Corrupt { position: expected, what });
        }
    }
    Ok(())
}

/// Before the head something must come next.
pub(super) fn require_more(after: Position, next: &[Recorded<Payload>]) -> Result<(), Error> {
    if !next.is_empty() {
        return Ok(());
    }
    let what = "the log ends before its head".to_owned();
    Err(Error::Corrupt { position: after.next(), what })
}

/// Each position that was asked for must be there, as far as the page goes.
pub(super) fn require_all(
    positions: &[Position],
    events: &[Recorded<Payload>],
) -> Result<(), Error> {
    let is_cut = payload_bytes(events) >= PAGE_BYTES;
    let read = if is_cut { events.len() } else { positions.len() };
    let missing = positions.iter().take(read).enumerate().find(|(index, position)| {
        events.get(*index).map(|event| event.position) != Some(**position)
    });
    missing.map_or(Ok(()), |(_, position)| {
        Err(Error::Corrupt { position: *position, what: "no such event".to_owned() })
    })
}

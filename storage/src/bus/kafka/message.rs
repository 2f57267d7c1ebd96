//! What travels in a message. The value is the event's payload as it was written, the key its partition
//! key; headers hold the rest:
//!
//! | header | holds |
//! |---|---|
//! | `position` | `epoch.position`: the epoch in which it was published, its place in the log |
//! | `previous` | between this position and its own the partition holds no event |
//! | `type` | the event's type; a message without one is a watermark: every event up to its position is out |
//! | `traceparent` | W3C trace context, where the event has one |
//! | `hash` | the 32 bytes of the content hash |
//! | `envelope` | the rest of the envelope, as JSON |

use std::collections::HashMap;

use events_schema::envelope::{Epoch, Payload, Position, Recorded};
use events_schema::time::Timestamp;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::bus::Error;
use crate::event_log::Columns;

/// What a message says of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// In which it was published.
    pub(super) epoch: Epoch,
    pub(super) position: Position,
    pub(super) previous: Position,
    pub(super) is_event: bool,
}

#[derive(Deserialize, Serialize)]
struct Envelope {
    stream: String,
    version: i64,
    epoch: i64,
    recorded_at: Timestamp,
    occurred_at: Timestamp,
    event_id: Uuid,
    schema_version: i64,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<Uuid>,
    origin: String,
    command_id: Uuid,
    correlation_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
}

pub(super) fn header<'a>(key: &'a str, value: &'a [u8]) -> Header<'a, &'a [u8]> {
    Header { key, value: Some(value) }
}

/// The headers of a watermark; those of an event begin with them.
pub(super) fn watermark(mark: Mark) -> OwnedHeaders {
    let position = format!("{}.{}", mark.epoch.0, mark.position);
    let previous = mark.previous.to_string();
    OwnedHeaders::new_with_capacity(6)
        .insert(header("position", position.as_bytes()))
        .insert(header("previous", previous.as_bytes()))
}

/// The headers of an event.
pub(super) fn event(event: &Recorded<Payload>, mark: Mark) -> Result<OwnedHeaders, Error> {
    let meta = &event.meta;
    let integer = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let envelope = Envelope {
        stream: meta.stream.to_string(),
        version: integer(meta.version.0),
        epoch: i64::from(event.epoch.0),
        recorded_at: event.recorded_at,
        occurred_at: meta.occurred_at,
        event_id: meta.event_id.as_uuid(),
        schema_version: i64::from(meta.schema_version),
        actor: meta.actor.to_string(),
        on_behalf_of: meta.on_behalf_of.map(|person| person.as_uuid()),
        origin: meta.origin.as_str().to_owned(),
        command_id: meta.command_id.as_uuid(),
        correlation_id: meta.correlation_id.as_uuid(),
        causation_id: meta.causation_id.as_ref().map(ToString::to_string),
    };
    let envelope = serde_json::to_vec(&envelope).map_err(super::unavailable)?;
    let headers = watermark(mark)
        .insert(header("type", meta.event_type.as_bytes()))
        .insert(header("hash", &event.content_hash.0))
        .insert(header("envelope", &envelope));
    Ok(match &meta.trace_context {
        Some(trace_context) => headers.insert(header("traceparent", trace_context.as_bytes())),
        None => headers,
    })
}

/// A message, its headers found once.
pub(super) struct Received<'a> {
    message: &'a BorrowedMessage<'a>,
    headers: HashMap<&'a str, &'a [u8]>,
    pub(super) mark: Mark,
}

impl<'a> Received<'a> {
    /// Fails where the message does not tell its place.
    pub(super) fn read(message: &'a BorrowedMessage<'a>) -> Result<Self, Error> {
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        let headers: HashMap<_, _> =
            headers.filter_map(|header| Some((header.key, header.value?))).collect();
        let mark = mark(&headers).ok_or_else(|| unreadable(message, "its position"))?;
        Ok(Self { message, headers, mark })
    }

    fn bytes(&self, name: &str) -> Result<&'a [u8], Error> {
        let value = self.headers.get(name).copied();
        value.ok_or_else(|| unreadable(self.message, &format!("header {name}")))
    }

    /// The event that it carries, as it stands in the log.
    pub(super) fn recorded(&self) -> Result<Recorded<Payload>, Error> {
        let message = self.message;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let envelope: Envelope = serde_json::from_slice(self.bytes("envelope")?)
            .map_err(|_| unreadable(message, "header envelope"))?;
        let columns = Columns {
            position: i64::try_from(self.mark.position.0).unwrap_or(i64::MAX),
            epoch: envelope.epoch,
            recorded_at: envelope.recorded_at,
            stream: envelope.stream,
            partition_key: text(message.key().unwrap_or_default()),
            version: envelope.version,
            event_id: envelope.event_id,
            event_type: text(self.bytes("type")?),
            schema_version: envelope.schema_version,
            occurred_at: envelope.occurred_at,
            actor: envelope.actor,
            on_behalf_of: envelope.on_behalf_of,
            origin: envelope.origin,
            command_id: envelope.command_id,
            correlation_id: envelope.correlation_id,
            causation_id: envelope.causation_id,
            trace_context: self.headers.get("traceparent").map(|value| text(value)),
            content_hash: self.bytes("hash")?.to_vec(),
            payload: message.payload().unwrap_or_default().to_vec(),
        };
        columns.parse().map_err(|_| unreadable(message, "its envelope"))
    }
}

fn mark(headers: &HashMap<&str, &[u8]>) -> Option<Mark> {
    let text = |name: &str| headers.get(name).and_then(|value| std::str::from_utf8(value).ok());
    let (epoch, position) = text("position")?.split_once('.')?;
    Some(Mark {
        epoch: Epoch(epoch.parse().ok()?),
        position: Position(position.parse().ok()?),
        previous: Position(text("previous")?.parse().ok()?),
        is_event: headers.contains_key("type"),
    })
}

fn unreadable(message: &BorrowedMessage<'_>, what: &str) -> Error {
    let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
    super::unavailable(format!("{topic}/{partition} at offset {offset}: {what} does not read"))
}

//! An event as readers of history get it, streamed or exported: one line of JSON, the payload byte by
//! byte as stored.

use events_schema::envelope::{Payload, Recorded};
use serde::Serialize;
use serde_json::value::RawValue;

/// One event. `payload` is the bytes that the content hash covers, never re-encoded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Event)]
pub struct Line<'a> {
    /// 1, 2, 3 … without a gap.
    position: u64,
    epoch: u32,
    /// The aggregate and its id: `order/ord_…`.
    stream: String,
    /// 1, 2, 3 … without a gap in the stream.
    version: u64,
    event_id: String,
    #[serde(rename = "type")]
    kind: &'a str,
    schema_version: u16,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: String,
    /// When we learned it.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: String,
    /// `per_…:buyer` or `process:import`.
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
    origin: &'static str,
    command_id: String,
    correlation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_context: Option<&'a str>,
    /// SHA-256, in hexadecimal.
    content_hash: String,
    /// Sealed fields stay sealed.
    #[schema(value_type = Object)]
    payload: &'a RawValue,
}

impl<'a> Line<'a> {
    /// # Errors
    /// When the stored payload is no JSON.
    pub fn of(recorded: &'a Recorded<Payload>) -> serde_json::Result<Self> {
        let meta = &recorded.meta;
        Ok(Self {
            position: recorded.position.0,
            epoch: recorded.epoch.0,
            stream: meta.stream.to_string(),
            version: meta.version.0,
            event_id: meta.event_id.to_string(),
            kind: &meta.event_type,
            schema_version: meta.schema_version,
            occurred_at: meta.occurred_at.to_string(),
            recorded_at: recorded.recorded_at.to_string(),
            actor: meta.actor.to_string(),
            on_behalf_of: meta.on_behalf_of.map(|person| person.to_string()),
            origin: meta.origin.as_str(),
            command_id: meta.command_id.to_string(),
            correlation_id: meta.correlation_id.to_string(),
            causation_id: meta.causation_id.map(|cause| cause.to_string()),
            trace_context: meta.trace_context.as_deref(),
            content_hash: recorded.content_hash.to_string(),
            payload: serde_json::from_slice(&recorded.event)?,
        })
    }
}

/// Adds the event to `bytes`.
pub(crate) fn write(recorded: &Recorded<Payload>, bytes: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *bytes, &Line::of(recorded)?)
}

//! Events that a test appends by itself, past every decision.

use events_schema::Event;
use events_schema::envelope::{Actor, Meta, Origin, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId};
use events_schema::stream::{PartitionKey, StreamId};
use storage::event_log::{Appended, Command, Intent, NewEvent, Principal, SharedLog, Unit};
use storage::world::World;

/// The envelope of what happens now to this stream.
#[must_use]
pub fn meta(stream: StreamId, version: Version, event: &Event) -> Meta {
    let world = World::system();
    let uuid = world.uuid();
    Meta {
        stream,
        version,
        partition_key: PartitionKey::of(stream, event),
        event_id: EventId::new(uuid),
        event_type: event.event_type().into(),
        schema_version: event.schema_version(),
        occurred_at: world.now(),
        actor: Actor::Process("test".into()),
        on_behalf_of: None,
        origin: Origin::Process,
        command_id: CommandId::new(uuid),
        correlation_id: CorrelationId::new(uuid),
        causation_id: None,
        trace_context: None,
    }
}

/// Appends them together, each to a stream of its own that is at this version.
///
/// # Panics
/// When the log does not take them.
pub async fn append(log: &SharedLog, events: &[(StreamId, Version, Event)]) {
    let conditions = events.iter().map(|(stream, version, _)| (*stream, *version)).collect();
    let new = |(stream, version, event): &(StreamId, Version, Event)| NewEvent {
        meta: meta(*stream, version.next(), event),
        payload: event.encode().unwrap(),
    };
    let events = events.iter().map(new).collect();
    let principal = Principal::Process("test".to_owned());
    let key = World::system().uuid().to_string();
    let intent = Intent { principal, key, fingerprint: [0; 32] };
    let commands = vec![Command { intent, answer: b"{}".to_vec(), events }];
    let appended = log.append(Unit { conditions, commands }).await.unwrap();
    assert!(matches!(appended, Appended::Done(_)), "{appended:?}");
}

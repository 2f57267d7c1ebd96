//! Builders, and what each adapter's store can do.

use std::sync::atomic::{AtomicU64, Ordering};

use events_schema::envelope::{Actor, Meta, Origin, Payload, Position, Recorded, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId, OrderId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use storage::event_log::{Appended, Command, Filter, Intent, NewEvent, Principal, SharedLog, Unit};
use uuid::Uuid;

pub(crate) trait Store: Sync {
    fn open(&self) -> impl Future<Output = SharedLog> + Send;
    fn url(&self) -> String;
    /// Behind the log's back, as if the key had been used so many days before.
    fn age_key(&self, key: &str, days: i32) -> impl Future<Output = ()> + Send;
}

static NEXT: AtomicU64 = AtomicU64::new(1);

pub(crate) fn fresh() -> Uuid {
    Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())
}

pub(crate) fn a_stream() -> StreamId {
    StreamId::Order(OrderId::new(fresh()))
}

pub(crate) fn an_event(stream: StreamId, version: u64) -> NewEvent {
    NewEvent {
        meta: Meta {
            stream,
            version: Version(version),
            partition_key: PartitionKey::from_stored(format!("key of {stream}")),
            event_id: EventId::new(fresh()),
            event_type: "order.placed".into(),
            schema_version: 1,
            occurred_at: Timestamp::from_unix_micros(1_500_000_000_123_456),
            actor: Actor::Process("test".into()),
            on_behalf_of: None,
            origin: Origin::Import,
            command_id: CommandId::new(fresh()),
            correlation_id: CorrelationId::new(fresh()),
            causation_id: None,
            trace_context: None,
        },
        payload: br#"{"note":"\ud55c\uae00"}"#.to_vec(),
    }
}

pub(crate) fn an_intent(key: &str) -> Intent {
    let principal = Principal::Process("test".to_owned());
    Intent { principal, key: key.to_owned(), fingerprint: [7; 32] }
}

pub(crate) fn a_command(events: Vec<NewEvent>) -> Command {
    let answer = br#"{"id":"x"}"#.to_vec();
    Command { intent: an_intent(&fresh().to_string()), answer, events }
}

/// One command that writes `count` events to a stream which was read at `expected`.
pub(crate) fn a_unit(stream: StreamId, expected: u64, count: u64) -> Unit {
    let events = (1..=count).map(|next| an_event(stream, expected + next)).collect();
    Unit { conditions: vec![(stream, Version(expected))], commands: vec![a_command(events)] }
}

pub(crate) async fn all(log: &SharedLog) -> Vec<Recorded<Payload>> {
    let mut events = Vec::new();
    loop {
        let after = Position(u64::try_from(events.len()).unwrap());
        let page = log.read(after, &Filter::default(), 1_000).await.unwrap();
        if page.next.is_none() {
            return events;
        }
        events.extend(page.events);
    }
}

pub(crate) fn done(positions: impl IntoIterator<Item = u64>) -> Appended {
    Appended::Done(positions.into_iter().map(Position).collect())
}

/// Versions, positions and hashes are what they must be.
pub(crate) fn assert_sound(events: &[Recorded<Payload>]) {
    let mut versions = std::collections::HashMap::new();
    let mut recorded_at = None;
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, Position(position));
        let version = versions.entry(event.meta.stream).or_insert(0);
        *version += 1;
        assert_eq!(event.meta.version, Version(*version));
        assert!(storage::event_log::verify(event));
        assert!(Some(event.recorded_at) >= recorded_at);
        recorded_at = Some(event.recorded_at);
    }
}

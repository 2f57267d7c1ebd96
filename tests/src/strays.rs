//! Events of orders that were never placed: each parks its order.

use std::ops::RangeInclusive;

use events_schema::envelope::{Actor, Epoch, Meta, Origin, Position, Recorded, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::{Event, content_hash};
use storage::event_log::{Appended, Command, Intent, NewEvent, Principal, SharedLog, Unit};
use storage::world::World;

/// What happens to each of them.
pub const HAPPENS: [&str; 3] = ["order.preparing", "order.shipped", "order.delivered"];

/// The order of this number.
#[must_use]
pub fn order(number: u32) -> String {
    id("ord", number)
}

fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}_01h455vb4pex0bsknk084{number:05}")
}

/// The published example, of this order and its checkout.
///
/// # Panics
/// When there is no such example.
#[must_use]
pub fn example(event_type: &str, number: u32) -> Event {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events-schema/fixtures");
    let mut json = std::fs::read_to_string(format!("{folder}/{event_type}.v1.json")).unwrap();
    for prefix in ["chk", "ord"] {
        let pattern = format!("{prefix}_01h455vb4pex0bsknk084sn0");
        while let Some(at) = json.find(&pattern) {
            json.replace_range(at..at + prefix.len() + 27, &id(prefix, number));
        }
    }
    Event::decode(event_type, 1, json.as_bytes()).unwrap()
}

fn meta(event: &Event, version: Version) -> Meta {
    let Event::Order(of_order) = event else { panic!("{} is no order's", event.event_type()) };
    let stream = StreamId::Order(of_order.trade().order_id);
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

/// An event as if it were the first of the log.
///
/// # Panics
/// When it is no order's.
#[must_use]
pub fn recorded(event: Event) -> Recorded<Event> {
    let meta = meta(&event, Version(1));
    Recorded {
        position: Position(1),
        epoch: Epoch(1),
        recorded_at: meta.occurred_at,
        content_hash: content_hash::of(&meta, &event.encode().unwrap()),
        meta,
        event,
    }
}

/// Appends what happens to these orders, the same to each before the next happens.
///
/// # Panics
/// When the log does not take it.
pub async fn append(log: &SharedLog, numbers: RangeInclusive<u32>) {
    for (before, event_type) in (0..).zip(HAPPENS) {
        for number in numbers.clone() {
            let event = example(event_type, number);
            let meta = meta(&event, Version(before + 1));
            let principal = Principal::Process("test".to_owned());
            let key = meta.event_id.to_string();
            let intent = Intent { principal, key, fingerprint: [0; 32] };
            let conditions = vec![(meta.stream, Version(before))];
            let events = vec![NewEvent { meta, payload: event.encode().unwrap() }];
            let command = Command { intent, answer: b"{}".to_vec(), events };
            let appended = log.append(Unit { conditions, commands: vec![command] }).await.unwrap();
            assert!(matches!(appended, Appended::Done(_)), "{appended:?}");
        }
    }
}

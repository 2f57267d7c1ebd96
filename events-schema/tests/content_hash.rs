//! Test vectors of the content hash: an independent program must reach the same values.

use events_schema::content_hash;
use events_schema::envelope::{Actor, CausationId, Meta, Origin, Role, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId, OrderId, PersonId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use uuid::Uuid;

fn meta() -> Meta {
    Meta {
        stream: StreamId::Order(OrderId::new(Uuid::from_u128(1))),
        version: Version(3),
        partition_key: PartitionKey::from_stored("chk_00000000000000000000000002".to_owned()),
        event_id: EventId::new(Uuid::from_u128(3)),
        event_type: "order.paid".into(),
        schema_version: 1,
        occurred_at: Timestamp::from_unix_micros(1_700_000_000_000_000),
        actor: Actor::Process("import".into()),
        on_behalf_of: None,
        origin: Origin::Import,
        command_id: CommandId::new(Uuid::from_u128(4)),
        correlation_id: CorrelationId::new(Uuid::from_u128(5)),
        causation_id: None,
        trace_context: None,
    }
}

fn full() -> Meta {
    let person_id = PersonId::new(Uuid::from_u128(6));
    Meta {
        actor: Actor::Person { person_id, role: Role::Manager },
        on_behalf_of: Some(PersonId::new(Uuid::from_u128(7))),
        origin: Origin::Http,
        causation_id: Some(CausationId::Event(EventId::new(Uuid::from_u128(8)))),
        trace_context: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        ..meta()
    }
}

#[test]
fn agrees_with_the_vectors() {
    let hash = |meta: &Meta, payload: &[u8]| content_hash::of(meta, payload).to_string();
    assert_eq!(
        hash(&meta(), b"{}"),
        "849a54afb82d4e72b0e37e6fdfde5346f5cecc6e5d716a377ddd11a3c3ff2425"
    );
    assert_eq!(
        hash(&full(), "{\"제목\":1}".as_bytes()),
        "b10a4f3c932474d939be5c4a2755ac539720255bc45fd1bc806d769a0caa4a19"
    );
}

#[test]
fn every_column_but_the_partition_key_counts() {
    let base = content_hash::of(&full(), b"{}");
    let changes: [fn(&mut Meta); 12] = [
        |meta| meta.stream = StreamId::Escrow(OrderId::new(Uuid::from_u128(1))),
        |meta| meta.version = Version(4),
        |meta| meta.event_id = EventId::new(Uuid::from_u128(9)),
        |meta| meta.event_type = "order.placed".into(),
        |meta| meta.schema_version = 2,
        |meta| meta.occurred_at = Timestamp::from_unix_micros(1),
        |meta| meta.actor = Actor::Process("import".into()),
        |meta| meta.on_behalf_of = None,
        |meta| meta.origin = Origin::Operator,
        |meta| meta.command_id = CommandId::new(Uuid::from_u128(9)),
        |meta| meta.correlation_id = CorrelationId::new(Uuid::from_u128(9)),
        |meta| (meta.causation_id, meta.trace_context) = (None, Some("x".to_owned())),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut meta = full();
        change(&mut meta);
        assert_ne!(content_hash::of(&meta, b"{}"), base, "change {index}");
    }
    assert_ne!(content_hash::of(&full(), b"{ }"), base);
    let elsewhere = PartitionKey::from_stored("chk_00000000000000000000000009".to_owned());
    let moved = Meta { partition_key: elsewhere, ..full() };
    assert_eq!(content_hash::of(&moved, b"{}"), base);
}

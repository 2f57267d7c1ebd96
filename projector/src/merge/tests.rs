//! Partitions that lag, double and fall idle, merged by position.

use events_schema::category::{Event as CategoryEvent, Retired};
use events_schema::content_hash;
use events_schema::envelope::{Actor, Epoch, Meta, Origin, Version};
use events_schema::ids::{CategoryId, CommandId, CorrelationId, EventId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use uuid::Uuid;

use super::*;

fn event(position: u64) -> Arc<Recorded<Event>> {
    let category_id = CategoryId::new(Uuid::nil());
    let stream = StreamId::Category(category_id);
    let event: Event = CategoryEvent::Retired(Retired { category_id }).into();
    let meta = Meta {
        stream,
        version: Version(position),
        partition_key: PartitionKey::of(stream, &event),
        event_id: EventId::new(Uuid::nil()),
        event_type: event.event_type().into(),
        schema_version: 1,
        occurred_at: Timestamp::EPOCH,
        actor: Actor::Process("test".into()),
        on_behalf_of: None,
        origin: Origin::Process,
        command_id: CommandId::new(Uuid::nil()),
        correlation_id: CorrelationId::new(Uuid::nil()),
        causation_id: None,
        trace_context: None,
    };
    let (position, epoch, recorded_at) = (Position(position), Epoch(1), Timestamp::EPOCH);
    let content_hash = content_hash::of(&meta, b"{}");
    Arc::new(Recorded { position, epoch, recorded_at, content_hash, meta, event })
}

fn advance(merge: &mut Merge) -> Result<Vec<u64>, Hole> {
    Ok(merge.advance()?.iter().map(|event| event.position.0).collect())
}

#[test]
fn events_wait_for_the_partition_that_lags_most() {
    let mut merge = Merge::new(3, Position(0));
    for position in [2, 3, 1] {
        merge.event(event(position));
    }
    merge.watermark(0, Position(3));
    merge.watermark(1, Position(3));
    assert_eq!(advance(&mut merge), Ok(vec![]));
    merge.watermark(2, Position(2));
    assert_eq!(advance(&mut merge), Ok(vec![1, 2]));
    assert_eq!(merge.merged(), Position(2));
    merge.watermark(2, Position(3));
    assert_eq!(advance(&mut merge), Ok(vec![3]));
}

#[test]
fn what_comes_again_is_merged_once_and_a_watermark_never_falls() {
    let mut merge = Merge::new(1, Position(5));
    for position in [6, 6, 7, 6] {
        merge.event(event(position));
    }
    merge.watermark(0, Position(7));
    merge.watermark(0, Position(5));
    assert_eq!(advance(&mut merge), Ok(vec![6, 7]));
}

#[test]
fn a_hole_is_an_alarm() {
    let mut merge = Merge::new(1, Position(0));
    merge.event(event(1));
    merge.event(event(3));
    merge.watermark(0, Position(3));
    assert_eq!(advance(&mut merge), Err(Hole(Position(2))));

    let mut at_the_end = Merge::new(1, Position(0));
    at_the_end.event(event(1));
    at_the_end.watermark(0, Position(2));
    assert_eq!(advance(&mut at_the_end), Err(Hole(Position(2))));
}

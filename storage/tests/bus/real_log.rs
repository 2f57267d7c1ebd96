//! Both buses over the embedded log while it is written to.

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::time::Timestamp;
use futures::future::join_all;
use storage::bus::tail::TailBus;
use storage::bus::unruly::UnrulyBus;
use storage::bus::{Delivery, SharedBus};
use storage::event_log::{
    self, Appended, Command, Filter, Intent, NewEvent, Principal, SharedLog, Unit,
};
use storage::world::World;

use super::contract::drain;
use super::log::event;

const STREAMS: u64 = 8;
const EVENTS_EACH: u64 = 25;

/// Event `number` of the stream that [`event`] gives it.
fn a_unit(number: u64, before: u64) -> Unit {
    let Recorded { mut meta, event, .. } = event(number);
    let conditions = vec![(meta.stream, Version(before))];
    meta.version = Version(before + 1);
    let intent = Intent {
        principal: Principal::Process("test".to_owned()),
        key: number.to_string(),
        fingerprint: [0; 32],
    };
    let events = vec![NewEvent { meta, payload: event }];
    Unit { conditions, commands: vec![Command { intent, answer: b"{}".to_vec(), events }] }
}

async fn write_all(log: &SharedLog) {
    let writers = (0..STREAMS).map(|stream| async move {
        for round in 0..EVENTS_EACH {
            let unit = a_unit(stream + round * STREAMS, round);
            assert!(matches!(log.append(unit).await.unwrap(), Appended::Done(_)));
        }
    });
    join_all(writers).await;
}

async fn check(bus: impl Fn(SharedLog) -> SharedBus) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("log.db").display());
    let world = World::simulated(1, Timestamp::EPOCH);
    let log = event_log::open(&url, world).await.unwrap();
    let bus = bus(Arc::clone(&log));
    let all = STREAMS * EVENTS_EACH;
    let (deliveries, ()) = tokio::join!(drain(bus.as_ref(), Position(0), all), write_all(&log));
    let mut delivered: BTreeMap<Position, Recorded<Payload>> = BTreeMap::new();
    for delivery in deliveries {
        if let Delivery::Event { event, .. } = delivery {
            delivered.insert(event.position, event.as_ref().clone());
        }
    }
    let written = log.read(Position(0), &Filter::default(), 4_096).await.unwrap().events;
    assert_eq!(written.len(), delivered.len());
    assert!(delivered.into_values().eq(written));
}

#[tokio::test]
async fn the_tail_follows_a_log_that_grows() {
    check(|log| Arc::new(TailBus::new(log))).await;
}

#[tokio::test]
async fn the_unruly_bus_follows_a_log_that_grows() {
    check(|log| Arc::new(UnrulyBus::new(log, 5))).await;
}

//! Delivery, order within a partition, resuming, and the truth of watermarks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events_schema::envelope::Position;
use events_schema::stream::StreamId;
use storage::bus::{Bus, Delivery, Error, SharedBus, Subscription};
use storage::event_log::Error as LogError;

use super::log::GivenLog;

/// Runs the whole contract on the bus that a constructor makes over a log.
macro_rules! run_on {
    ($open:expr) => {
        $crate::contract::run_on! { $open =>
            every_event_is_delivered_and_in_order
            a_stream_never_leaves_its_partition
            a_watermark_never_lies
            a_subscription_resumes_after_a_position
            what_is_appended_later_is_delivered
            a_fresh_subscription_on_a_quiet_log_gets_its_watermarks
            who_stops_waiting_loses_nothing
        }
    };
    ($open:expr => $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            $crate::contract::$name(|log| -> storage::bus::SharedBus {
                let open: fn(storage::event_log::SharedLog) -> storage::bus::SharedBus = $open;
                open(log)
            })
            .await;
        })*
    };
}
pub(crate) use run_on;

const PATIENCE: Duration = Duration::from_secs(20);

async fn next(subscription: &mut dyn Subscription) -> Vec<Delivery> {
    let deliveries = tokio::time::timeout(PATIENCE, subscription.next()).await;
    let deliveries = deliveries.expect("a delivery in time").unwrap();
    assert!(!deliveries.is_empty());
    deliveries
}

/// Everything until the lowest watermark of all partitions is `until`.
async fn drain_from(
    subscription: &mut dyn Subscription,
    partitions: u32,
    until: u64,
) -> Vec<Delivery> {
    let mut all = Vec::new();
    let mut watermarks: BTreeMap<u32, u64> = (0..partitions).map(|number| (number, 0)).collect();
    while watermarks.values().min() < Some(&until) {
        for delivery in next(subscription).await {
            if let Delivery::Watermark { partition, position } = &delivery {
                watermarks.insert(*partition, position.0);
            }
            all.push(delivery);
        }
    }
    all
}

pub(crate) async fn drain(bus: &dyn Bus, after: Position, until: u64) -> Vec<Delivery> {
    let mut subscription = bus.subscribe(&bus.all_after(after)).await.unwrap();
    drain_from(subscription.as_mut(), bus.partitions(), until).await
}

fn positions(deliveries: &[Delivery]) -> BTreeSet<u64> {
    let position = |delivery: &Delivery| match delivery {
        Delivery::Event { event, .. } => Some(event.position.0),
        Delivery::Watermark { .. } => None,
    };
    deliveries.iter().filter_map(position).collect()
}

pub(crate) async fn every_event_is_delivered_and_in_order(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let bus = open(GivenLog::of(3_000));
    let deliveries = drain(bus.as_ref(), Position(0), 3_000).await;
    assert!(positions(&deliveries).into_iter().eq(1..=3_000));
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for delivery in deliveries {
        if let Delivery::Event { partition, event } = delivery
            && seen.insert(event.position)
        {
            assert_eq!(*event, super::log::event(event.position.0));
            let before = last.insert(partition, event.position.0);
            assert!(before < Some(event.position.0), "partition {partition} goes back");
        }
    }
}

pub(crate) async fn a_stream_never_leaves_its_partition(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let bus = open(GivenLog::of(500));
    let mut home: BTreeMap<StreamId, u32> = BTreeMap::new();
    for delivery in drain(bus.as_ref(), Position(0), 500).await {
        if let Delivery::Event { partition, event } = delivery {
            assert!(partition < bus.partitions());
            assert_eq!(*home.entry(event.meta.stream).or_insert(partition), partition);
        }
    }
    assert_eq!(home.len(), 8);
}

pub(crate) async fn a_watermark_never_lies(open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus) {
    let bus = open(GivenLog::of(1_000));
    let deliveries = drain(bus.as_ref(), Position(0), 1_000).await;
    let mut of_partition: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for delivery in &deliveries {
        if let Delivery::Event { partition, event } = delivery {
            of_partition.entry(*partition).or_default().insert(event.position.0);
        }
    }
    let mut missing = of_partition;
    let mut watermarks = 0;
    for delivery in &deliveries {
        match delivery {
            Delivery::Event { partition, event } => {
                missing.entry(*partition).or_default().remove(&event.position.0);
            }
            Delivery::Watermark { partition, position } => {
                watermarks += 1;
                let first = missing.get(partition).and_then(BTreeSet::first);
                assert!(first.is_none_or(|first| *first > position.0), "{partition} {position}");
                assert!(position.0 <= 1_000);
            }
        }
    }
    assert!(watermarks > 0);
}

pub(crate) async fn a_subscription_resumes_after_a_position(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let bus = open(GivenLog::of(300));
    for after in [1, 150, 299, 300] {
        let deliveries = drain(bus.as_ref(), Position(after), 300).await;
        assert!(positions(&deliveries).into_iter().eq(after + 1..=300), "after {after}");
    }
}

pub(crate) async fn what_is_appended_later_is_delivered(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let log = GivenLog::of(0);
    let bus = open(log.clone());
    let mut subscription = bus.subscribe(&bus.all_after(Position(0))).await.unwrap();
    for end in [1, 2, 40, 1_500] {
        let start = end.min(positions_so_far(&log).await + 1);
        let growing = async { log.grow(start..=end) };
        let draining = drain_from(subscription.as_mut(), bus.partitions(), end);
        let (deliveries, ()) = tokio::join!(draining, growing);
        let new: BTreeSet<u64> = (start..=end).collect();
        assert!(new.is_subset(&positions(&deliveries)));
    }
}

async fn positions_so_far(log: &GivenLog) -> u64 {
    use storage::event_log::{EventLog, Filter};
    let events = log.read(Position(0), &Filter::default(), usize::MAX).await.unwrap().events;
    events.last().map_or(0, |event| event.position.0)
}

pub(crate) async fn a_fresh_subscription_on_a_quiet_log_gets_its_watermarks(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    for (events, after) in [(0, 0), (10, 10)] {
        let bus = open(GivenLog::of(events));
        let mut subscription = bus.subscribe(&bus.all_after(Position(after))).await.unwrap();
        let mut told = BTreeSet::new();
        while told.len() < usize::try_from(bus.partitions()).unwrap() {
            for delivery in next(subscription.as_mut()).await {
                match delivery {
                    Delivery::Watermark { partition, position } => {
                        assert_eq!(position, Position(after));
                        told.insert(partition);
                    }
                    Delivery::Event { event, .. } => panic!("event {}", event.position),
                }
            }
        }
    }
}

pub(crate) async fn who_stops_waiting_loses_nothing(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let log = GivenLog::of(0);
    let bus = open(log.clone());
    let mut subscription = bus.subscribe(&bus.all_after(Position(0))).await.unwrap();
    let mut all = Vec::new();
    for position in 1..=200 {
        log.grow([position]);
        // The brief wait often ends in the midst of `next`.
        let brief = Duration::from_micros(position % 7 * 50);
        if let Ok(deliveries) = tokio::time::timeout(brief, subscription.next()).await {
            all.extend(deliveries.unwrap());
        }
    }
    log.grow([201]);
    all.extend(drain_from(subscription.as_mut(), bus.partitions(), 201).await);
    assert!(positions(&all).into_iter().eq(1..=201));
}

pub(crate) async fn a_hole_in_the_log_is_an_alarm(
    open: impl Fn(std::sync::Arc<GivenLog>) -> SharedBus,
) {
    let log = GivenLog::of(5);
    log.grow(7..=9);
    let bus = open(log);
    let mut subscription = bus.subscribe(&bus.all_after(Position(0))).await.unwrap();
    let alarm = loop {
        match subscription.next().await {
            Ok(deliveries) => assert!(positions(&deliveries).iter().all(|position| *position < 6)),
            Err(alarm) => break alarm,
        }
    };
    let Error::Log(LogError::Corrupt { position, .. }) = alarm else { panic!("{alarm}") };
    assert_eq!(position, Position(6));
}

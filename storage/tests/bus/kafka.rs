//! The contract on the Kafka that `JANGTEO_TEST_KAFKA` names, as in `kafka://127.0.0.1:9092`, and what
//! only Kafka can do wrong.

use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use storage::bus::kafka::{KafkaBus, Publisher};
use storage::bus::{Bus, Delivery, Error, Starts};
use storage::event_log::SharedLog;

use super::contract::{self, drain};
use super::log::GivenLog;
use super::published::{Published, SHAPE, begun};

contract::run_on!(|log| Arc::new(Published::new(log)));

/// Publishes what the log holds, and a watermark.
async fn publish(publisher: &Publisher, log: &SharedLog, epoch: u32, published: u64) {
    let mut publication = begun(publisher, epoch, published).await;
    while publication.step(log).await.unwrap() {}
    publication.flush().await.unwrap();
}

fn positions(deliveries: &[Delivery]) -> Vec<u64> {
    let position = |delivery: &Delivery| match delivery {
        Delivery::Event { event, .. } => Some(event.position.0),
        Delivery::Watermark { .. } => None,
    };
    let mut positions: Vec<u64> = deliveries.iter().filter_map(position).collect();
    positions.sort_unstable();
    positions
}

/// A log, and what of it was published.
async fn a_published_log(events: u64) -> (Arc<GivenLog>, Published) {
    let log = GivenLog::of(events);
    let published = Published::new(log.clone());
    publish(&published.publisher().await, &published.log, 1, 0).await;
    (log, published)
}

#[tokio::test]
async fn a_second_leader_goes_on_where_the_first_ended() {
    let (log, published) = a_published_log(300).await;
    for end in [450, 451, 900] {
        log.grow(positions_of(&log).await + 1..=end);
        publish(&published.publisher().await, &published.log, 1, 0).await;
    }
    let deliveries = drain(&published.reader().await, Position(0), 900).await;
    assert_eq!(positions(&deliveries), (1..=900).collect::<Vec<_>>());
}

async fn positions_of(log: &GivenLog) -> u64 {
    use storage::event_log::EventLog;
    log.head().await.unwrap().position.0
}

#[tokio::test]
async fn two_who_publish_at_once_only_repeat_each_other() {
    let log = GivenLog::of(2_000);
    let published = Published::new(log);
    let publisher = published.publisher().await;
    let mut one = begun(&publisher, 1, 0).await;
    let mut two = begun(&publisher, 1, 0).await;
    while one.step(&published.log).await.unwrap() | two.step(&published.log).await.unwrap() {}
    let (one, two) = tokio::join!(one.flush(), two.flush());
    assert_eq!((one.unwrap(), two.unwrap()), (Position(2_000), Position(2_000)));
    let deliveries = drain(&published.reader().await, Position(0), 2_000).await;
    assert_eq!(positions(&deliveries), (1..=2_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_kafka_has_forgotten_is_read_from_the_log() {
    let (log, published) = a_published_log(500).await;
    published.topics.truncate().await;
    log.grow(501..=600);
    publish(&published.publisher().await, &published.log, 1, 500).await;
    for after in [0, 250, 550] {
        let deliveries = drain(&published.reader().await, Position(after), 600).await;
        assert_eq!(positions(&deliveries), (after + 1..=600).collect::<Vec<_>>(), "{after}");
    }
}

#[tokio::test]
async fn topics_that_were_lost_are_made_again_and_nothing_is_missed() {
    let (log, published) = a_published_log(400).await;
    let reader = published.reader().await;
    let mut subscription = reader.subscribe(&reader.all_after(Position(100))).await.unwrap();
    published.topics.delete().await;
    log.grow(401..=500);
    let publisher = published.publisher().await;
    let mut publication = begun(&publisher, 1, 400).await;
    while publication.step(&published.log).await.unwrap() {}
    publication.flush().await.unwrap();
    let mut delivered = vec![];
    let mut lowest = Starts::new();
    while lowest.len() < 12 || lowest.values().min() < Some(&Position(500)) {
        let next = tokio::time::timeout(Duration::from_secs(60), subscription.next()).await;
        match next.expect("a delivery in time") {
            Ok(deliveries) => {
                delivered.extend(positions(&deliveries));
                for delivery in deliveries {
                    if let Delivery::Watermark { partition, position } = delivery {
                        lowest.insert(partition, position);
                    }
                }
            }
            // A reader subscribes again where it has got to.
            Err(Error::Unavailable(_)) => {
                let starts = if lowest.len() < 12 {
                    reader.all_after(Position(100))
                } else {
                    lowest.clone()
                };
                subscription = reader.subscribe(&starts).await.unwrap();
            }
            Err(error) => panic!("{error}"),
        }
    }
    delivered.sort_unstable();
    delivered.dedup();
    assert_eq!(delivered, (101..=500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_new_epoch_is_told_and_what_the_old_one_lost_is_never_delivered() {
    let (_, published) = a_published_log(200).await;
    let reader = published.reader().await;
    let mut subscription = reader.subscribe(&reader.all_after(Position(200))).await.unwrap();
    // The log was restored as it stood at 150, and went on differently.
    let restored = GivenLog::of(150);
    restored.raise_epoch();
    restored.grow(151..=160);
    let restored: SharedLog = restored;
    publish(&published.publisher().await, &restored, 2, 120).await;
    let told = loop {
        match tokio::time::timeout(Duration::from_secs(20), subscription.next()).await.unwrap() {
            Ok(deliveries) => assert_eq!(positions(&deliveries), [0; 0]),
            Err(told) => break told,
        }
    };
    assert!(matches!(told, Error::NewEpoch(Epoch(2))), "{told}");
    let url = published.topics.url(SHAPE);
    let reader = KafkaBus::open(&url, restored).await.unwrap();
    for after in [0, 130, 155] {
        let deliveries = drain(&reader, Position(after), 160).await;
        assert_eq!(positions(&deliveries), (after + 1..=160).collect::<Vec<_>>(), "{after}");
    }
}

#[tokio::test]
async fn a_hole_in_the_log_is_an_alarm_before_anything_is_published_beyond_it() {
    let log = GivenLog::of(5);
    log.grow(7..=9);
    let published = Published::new(log);
    let publisher = published.publisher().await;
    let mut publication = begun(&publisher, 1, 0).await;
    let alarm = publication.step(&published.log).await.unwrap_err();
    assert!(alarm.to_string().contains("position 6"), "{alarm}");
    assert_eq!(publication.flush().await.unwrap(), Position(0));
}

#[tokio::test]
async fn another_number_of_partitions_is_refused_with_the_way_out() {
    let (_, published) = a_published_log(1).await;
    let url = published.topics.url("partitions=6");
    let log = Arc::clone(&published.log);
    for refused in [KafkaBus::open(&url, log).await.err(), Publisher::open(&url).await.err()] {
        let refused = refused.unwrap();
        assert!(matches!(refused, Error::Configuration(_)), "{refused}");
        let told = refused.to_string();
        assert!(told.contains("has 4 partitions") && told.contains("new prefix="), "{told}");
    }
}

#[tokio::test]
async fn a_kafka_that_is_not_there_is_unavailable() {
    let log: SharedLog = GivenLog::of(0);
    let refused = KafkaBus::open("kafka://127.0.0.1:1", log).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
}

//! Finds where in Kafka a subscription begins. Views know positions of the log; a position's
//! `recorded_at` is every message's timestamp and never falls as positions rise, so that Kafka's own
//! index of time finds the offset.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::RDKafkaErrorCode::{
    LeaderNotAvailable, NotLeaderForPartition, UnknownTopicOrPartition,
};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{Offset, TopicPartitionList};

use super::settings::REQUEST_TIMEOUT;
use super::topics::{self, Place};
use super::{Settings, blocking, unavailable};
use crate::bus::{Error, Starts};
use crate::event_log::SharedLog;

/// A broker answers once it has so much, or after so long. Answering each message by itself would be most
/// of its work, and of whoever follows; and this often it is asked also where nothing happens.
const FETCH_BYTES_MIN: &str = "65536";
const FETCH_WAIT_MS: &str = "20";
const LEADER_TIMEOUT: Duration = Duration::from_secs(5);
const LEADER_POLL: Duration = Duration::from_millis(50);

pub(super) fn consumer(settings: &Settings) -> Result<StreamConsumer, Error> {
    let mut config = settings.client();
    config
        // Never joined nor committed to, but a consumer is not made without one.
        .set("group.id", format!("{}jangteo", settings.prefix))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("fetch.min.bytes", FETCH_BYTES_MIN)
        .set("fetch.wait.max.ms", FETCH_WAIT_MS)
        .set("fetch.error.backoff.ms", "100")
        .set("queued.min.messages", "10000")
        .set("queued.max.messages.kbytes", "32768")
        .set_log_level(RDKafkaLogLevel::Error);
    config.create().map_err(unavailable)
}

/// Milliseconds since the epoch, as messages bear it.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_unix_micros().div_euclid(1_000).max(0)
}

/// A consumer of these partitions, each at a message that is not later than where it starts.
pub(super) async fn assigned(
    settings: &Settings,
    log: &SharedLog,
    starts: &Starts,
) -> Result<StreamConsumer, Error> {
    let at = times(log, starts).await?;
    let places = topics::places(settings);
    let of = |(partition, after): (&u32, &Position)| {
        let place = usize::try_from(*partition).ok().and_then(|index| places.get(index))?;
        Some((place.clone(), at.get(after).copied()))
    };
    let wanted: Vec<(Place, Option<i64>)> = starts.iter().filter_map(of).collect();
    let consumer = consumer(settings)?;
    blocking(move || {
        let offsets = offsets(&consumer, &wanted)?;
        consumer.assign(&offsets)?;
        Ok(consumer)
    })
    .await
}

/// When the events at these positions were recorded.
async fn times(log: &SharedLog, starts: &Starts) -> Result<BTreeMap<Position, i64>, Error> {
    let positions: BTreeSet<Position> = starts.values().copied().filter(|at| at.0 > 0).collect();
    let mut rest: Vec<Position> = positions.into_iter().collect();
    let mut times = BTreeMap::new();
    while !rest.is_empty() {
        let events = log.read_at(&rest).await?;
        rest.drain(..events.len().min(rest.len()));
        times.extend(events.iter().map(|event| (event.position, millis(event.recorded_at))));
    }
    Ok(times)
}

fn offsets(
    consumer: &StreamConsumer,
    wanted: &[(Place, Option<i64>)],
) -> KafkaResult<TopicPartitionList> {
    let mut asked = TopicPartitionList::new();
    let mut ends = BTreeMap::new();
    for (Place { topic, number }, at) in wanted {
        if let Some(at) = at {
            // Before the look-up: what comes in meanwhile lies behind this end and is read.
            let (_, end) = bounds(consumer, topic, *number)?;
            ends.insert((topic.as_str(), *number), end);
            asked.add_partition_offset(topic, *number, Offset::Offset(*at))?;
        }
    }
    let mut found = match asked.count() {
        0 => TopicPartitionList::new(),
        _ => consumer.offsets_for_times(asked, REQUEST_TIMEOUT)?,
    };
    let later: Vec<(String, i32)> = found
        .elements()
        .iter()
        .filter(|place| !matches!(place.offset(), Offset::Offset(_)))
        .map(|place| (place.topic().to_owned(), place.partition()))
        .collect();
    for (topic, number) in later {
        let end = ends.get(&(topic.as_str(), number)).copied().unwrap_or(0);
        found.set_partition_offset(&topic, number, Offset::Offset(end))?;
    }
    for (Place { topic, number }, _) in wanted.iter().filter(|(_, at)| at.is_none()) {
        found.add_partition_offset(topic, *number, Offset::Beginning)?;
    }
    match found.elements().iter().find_map(|place| place.error().err()) {
        Some(error) => Err(error),
        None => Ok(found),
    }
}

/// The first offset of a partition and the one after its last. What was just made has no leader yet.
pub(super) fn bounds(
    consumer: &StreamConsumer,
    topic: &str,
    number: i32,
) -> KafkaResult<(i64, i64)> {
    let deadline = Instant::now() + LEADER_TIMEOUT;
    loop {
        let found = consumer.fetch_watermarks(topic, number, REQUEST_TIMEOUT);
        let code = found.as_ref().err().and_then(KafkaError::rdkafka_error_code);
        match code {
            Some(NotLeaderForPartition | LeaderNotAvailable | UnknownTopicOrPartition)
                if Instant::now() < deadline => {}
            _ => return found,
        }
        std::thread::sleep(LEADER_POLL);
    }
}

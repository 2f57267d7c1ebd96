//! The topics: which stream travels in which, and whether those that are there fit.
//!
//! All partitions of all topics are numbered as one row: a topic's first follows the last of the topic
//! before it. New topics join at the end.

use std::collections::BTreeMap;

use events_schema::envelope::{Payload, Recorded};
use events_schema::stream::StreamId;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;

use super::settings::REQUEST_TIMEOUT;
use super::{Settings, blocking, unavailable};
use crate::bus::{Error, partition};

const TRANSACTION: u32 = 0;
const LISTING: u32 = 1;
const USER: u32 = 2;
const TOPICS: [&str; 3] = ["transaction.events", "listing.events", "user.events"];

/// A message with the largest event (1 MiB), its headers, and room to spare.
pub(super) const MESSAGE_BYTES_MAX: &str = "2097152";

const fn topic_of(stream: StreamId) -> u32 {
    match stream {
        StreamId::Checkout(_)
        | StreamId::Order(_)
        | StreamId::Escrow(_)
        | StreamId::Shipment(_)
        | StreamId::Review(_)
        | StreamId::Policy(_) => TRANSACTION,
        StreamId::Listing(_) | StreamId::Inventory(_) | StreamId::Category(_) => LISTING,
        StreamId::Seller(_) => USER,
    }
}

/// A partition as Kafka knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) topic: String,
    pub(super) number: i32,
}

/// How many partitions there are in all.
pub(super) fn partitions(settings: &Settings) -> u32 {
    u32::try_from(TOPICS.len()).unwrap_or(u32::MAX).saturating_mul(settings.partitions)
}

/// The partition, of all, in which an event travels.
pub(super) fn partition_of(settings: &Settings, event: &Recorded<Payload>) -> u32 {
    let within = partition::of(&event.meta.partition_key, settings.partitions);
    topic_of(event.meta.stream) * settings.partitions + within
}

pub(super) fn names(settings: &Settings) -> Vec<String> {
    TOPICS.iter().map(|topic| format!("{}{topic}", settings.prefix)).collect()
}

/// Every partition, in the order of its number.
pub(super) fn places(settings: &Settings) -> Vec<Place> {
    let of_topic = |topic: String| {
        (0..i32::try_from(settings.partitions).unwrap_or(0))
            .map(move |number| Place { topic: topic.clone(), number })
    };
    names(settings).into_iter().flat_map(of_topic).collect()
}

/// The number, of all, of a partition of a topic.
pub(super) fn number(settings: &Settings, topic: &str, within: i32) -> Option<u32> {
    let topic = topic.strip_prefix(&settings.prefix)?;
    let index = TOPICS.iter().position(|known| *known == topic)?;
    let before = u32::try_from(index).ok()?.checked_mul(settings.partitions)?;
    before.checked_add(u32::try_from(within).ok()?)
}

fn admin(settings: &Settings) -> Result<AdminClient<DefaultClientContext>, Error> {
    settings.client().create().map_err(unavailable)
}

/// How many partitions each topic has that is there.
async fn found(settings: &Settings) -> Result<BTreeMap<String, usize>, Error> {
    let admin = admin(settings)?;
    let metadata = blocking(move || admin.inner().fetch_metadata(None, REQUEST_TIMEOUT)).await?;
    let topics = metadata.topics().iter().filter(|topic| topic.error().is_none());
    Ok(topics.map(|topic| (topic.name().to_owned(), topic.partitions().len())).collect())
}

/// Refuses topics with another number of partitions.
pub(super) async fn check(settings: &Settings) -> Result<(), Error> {
    let found = found(settings).await?;
    let wanted = usize::try_from(settings.partitions).unwrap_or(usize::MAX);
    let wrong = |topic: &String| {
        let has = *found.get(topic)?;
        (has != wanted).then(|| {
            format!(
                "topic {topic} has {has} partitions where partitions={wanted} is configured, and its \
                 streams may not move: configure {has}, or give a new prefix= and rebuild the views"
            )
        })
    };
    let problems: Vec<String> = names(settings).iter().filter_map(wrong).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
}

/// Makes the topics that are missing.
pub(super) async fn create(settings: &Settings) -> Result<(), Error> {
    check(settings).await?;
    let admin = admin(settings)?;
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let retention = (u64::from(settings.retention_hours) * 3_600_000).to_string();
    let min_in_sync = settings.min_in_sync.to_string();
    let names = names(settings);
    let topic = |name| {
        NewTopic::new(
            name,
            number(settings.partitions),
            TopicReplication::Fixed(number(settings.replication)),
        )
        .set("min.insync.replicas", &min_in_sync)
        .set("retention.ms", &retention)
        .set("max.message.bytes", MESSAGE_BYTES_MAX)
        .set("message.timestamp.type", "CreateTime")
    };
    let wanted: Vec<NewTopic<'_>> = names.iter().map(|name| topic(name)).collect();
    let options = AdminOptions::new()
        .request_timeout(Some(REQUEST_TIMEOUT))
        .operation_timeout(Some(REQUEST_TIMEOUT));
    for made in admin.create_topics(&wanted, &options).await.map_err(unavailable)? {
        match made {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                return Err(Error::Configuration(format!("topic {topic} cannot be made: {code}")));
            }
        }
    }
    Ok(())
}

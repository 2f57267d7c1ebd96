//! The topics: which stream travels in which, and whether those that are there fit.
//!
//! All partitions of all topics are numbered as one row: a topic's first follows the last of the topic
//! before it. New topics join at the end.

use std::collections::BTreeMap;

use events_schema::envelope::Meta;
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
/// Letters stand beside their topic, in one partition, so that those of a document keep their order
/// whatever stream each is of. They are few.
const PARKED: &str = ".parked";
const PARKED_PARTITIONS: u32 = 1;
/// From when they were copied: they wait for somebody to look.
const PARKED_RETENTION_DAYS: u64 = 30;

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
        StreamId::Listing(_)
        | StreamId::Inventory(_)
        | StreamId::Like(_)
        | StreamId::Category(_) => LISTING,
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
pub(super) fn partition_of(settings: &Settings, meta: &Meta) -> u32 {
    let within = partition::of(&meta.partition_key, settings.partitions);
    topic_of(meta.stream) * settings.partitions + within
}

pub(super) fn names(settings: &Settings) -> Vec<String> {
    TOPICS.iter().map(|topic| format!("{}{topic}", settings.prefix)).collect()
}

/// The topic of a stream's letters.
pub(super) fn parked(settings: &Settings, stream: StreamId) -> String {
    let index = usize::try_from(topic_of(stream)).unwrap_or(0);
    let topic = TOPICS.get(index).copied().unwrap_or_default();
    format!("{}{topic}{PARKED}", settings.prefix)
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
    let has_not = |topic: &String, wanted: u32| {
        let has = *found.get(topic)?;
        (usize::try_from(wanted) != Ok(has)).then_some(has)
    };
    let mut problems = vec![];
    for topic in names(settings) {
        let wanted = settings.partitions;
        if let Some(has) = has_not(&topic, wanted) {
            problems.push(format!(
                "topic {topic} has {has} partitions where partitions={wanted} is configured, and its \
                 streams may not move: configure {has}, or give a new prefix= and rebuild the views"
            ));
        }
        let parked = format!("{topic}{PARKED}");
        if let Some(has) = has_not(&parked, PARKED_PARTITIONS) {
            problems.push(format!(
                "topic {parked} has {has} partitions where letters keep their order in one: delete it"
            ));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
}

/// How the topics of one kind differ from the others.
struct Shape {
    partitions: u32,
    retention_hours: u64,
    /// What Kafka takes for the time of a message.
    time: &'static str,
}

/// Makes the topics that are missing.
pub(super) async fn create(settings: &Settings) -> Result<(), Error> {
    let (partitions, retention_hours) = (settings.partitions, settings.retention_hours.into());
    let shape = Shape { partitions, retention_hours, time: "CreateTime" };
    make(settings, &names(settings), shape).await
}

/// Makes the topics of letters that are missing. Their time is when they were copied, however old the
/// events are.
pub(super) async fn create_parked(settings: &Settings) -> Result<(), Error> {
    let names: Vec<String> = names(settings).into_iter().map(|topic| topic + PARKED).collect();
    let (partitions, retention_hours) = (PARKED_PARTITIONS, PARKED_RETENTION_DAYS * 24);
    let shape = Shape { partitions, retention_hours, time: "LogAppendTime" };
    make(settings, &names, shape).await
}

async fn make(settings: &Settings, names: &[String], shape: Shape) -> Result<(), Error> {
    check(settings).await?;
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let replication = number(settings.replication);
    let retention = (shape.retention_hours * 3_600_000).to_string();
    let min_in_sync = settings.min_in_sync.to_string();
    let topic = |name| {
        NewTopic::new(name, number(shape.partitions), TopicReplication::Fixed(replication))
            .set("cleanup.policy", "delete")
            .set("min.insync.replicas", &min_in_sync)
            .set("retention.ms", &retention)
            .set("max.message.bytes", MESSAGE_BYTES_MAX)
            .set("message.timestamp.type", shape.time)
    };
    let wanted: Vec<NewTopic<'_>> = names.iter().map(|name| topic(name)).collect();
    let options = AdminOptions::new()
        .request_timeout(Some(REQUEST_TIMEOUT))
        .operation_timeout(Some(REQUEST_TIMEOUT));
    let made = admin(settings)?.create_topics(&wanted, &options).await.map_err(unavailable)?;
    for made in made {
        match made {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                return Err(Error::Configuration(format!("topic {topic} cannot be made: {code}")));
            }
        }
    }
    Ok(())
}

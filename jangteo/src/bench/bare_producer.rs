//! What the relay's client reaches without the relay: the messages that it published, sent again from
//! memory.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Context;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers, Message, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use storage::event_log::SharedLog;

use super::topics::Topics;

const POLL: Duration = Duration::from_secs(10);

/// What was published, without watermarks, in the log's order.
pub(super) async fn messages(topics: &Topics, events: u64) -> anyhow::Result<Vec<OwnedMessage>> {
    let mut all = TopicPartitionList::new();
    for name in topics.names().await? {
        for partition in 0..i32::try_from(topics.settings.partitions)? {
            all.add_partition_offset(&name, partition, Offset::Beginning)?;
        }
    }
    let mut client = topics.client();
    client.set("group.id", &topics.settings.prefix).set("enable.auto.commit", "false");
    let received = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = client.create()?;
        consumer.assign(&all)?;
        let mut messages = vec![];
        while messages.len() < usize::try_from(events)? {
            let message =
                consumer.poll(POLL).context("Kafka does not give back what it took")??;
            if header(&message, "type").is_some() {
                let at = header(&message, "position").and_then(position);
                messages.push((at.context("a message has no position")?, message.detach()));
            }
        }
        messages.sort_by_key(|(position, _)| *position);
        anyhow::Ok(messages.into_iter().map(|(_, message)| message).collect())
    });
    received.await?
}

fn header<'a>(message: &'a impl Message, key: &str) -> Option<&'a [u8]> {
    message.headers()?.iter().find(|header| header.key == key)?.value
}

fn position(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.split_once('.')?.1.parse().ok()
}

/// The same messages into the same partitions of other topics, by the same client set up the same
/// way but for its compression.
pub(super) async fn sent(
    log: &SharedLog,
    messages: &[OwnedMessage],
    (relayed, topics): (&Topics, &Topics),
    compression: &str,
) -> anyhow::Result<Duration> {
    // Makes the topics.
    drop(topics.publication(log.head().await?.epoch).await?);
    let mut client = topics.client();
    client
        .set("enable.idempotence", "true")
        .set("compression.codec", compression)
        .set("linger.ms", "2")
        .set("message.timeout.ms", "0")
        .set("queue.buffering.max.messages", "32768")
        .set("queue.buffering.max.kbytes", "32768")
        .set("message.max.bytes", "2097152");
    let producer: FutureProducer = client.create()?;
    let (started, mut flight) = (Instant::now(), VecDeque::new());
    for message in messages {
        let name = message.topic().strip_prefix(&relayed.settings.prefix).unwrap_or_default();
        let topic = format!("{}{name}", topics.settings.prefix);
        let mut record = FutureRecord::to(&topic).partition(message.partition());
        record.timestamp = message.timestamp().to_millis();
        record.headers = message.headers().cloned();
        (record.key, record.payload) = (message.key(), message.payload());
        loop {
            match producer.send_result(record) {
                Ok(delivery) => break flight.push_back(delivery),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    let Some(first) = flight.pop_front() else { continue };
                    first.await?.map_err(|(error, _)| error)?;
                }
                Err((error, _)) => return Err(error.into()),
            }
        }
    }
    for delivery in flight {
        delivery.await?.map_err(|(error, _)| error)?;
    }
    Ok(started.elapsed())
}

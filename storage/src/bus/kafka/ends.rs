//! What Kafka holds already, read from the last message of each partition.

use std::collections::BTreeSet;
use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use rdkafka::consumer::Consumer;
use rdkafka::{Message, Offset, TopicPartitionList};
use tokio::time::Instant;

use super::message::Received;
use super::topics::{self, Place};
use super::{Settings, blocking, start, unavailable};
use crate::bus::Error;

/// How long reading the last messages of all partitions may take.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// What one partition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Every event up to here is in it.
    pub(super) complete: Position,
    /// Of its last event, or later with none between.
    pub(super) previous: Position,
}

/// The end of each partition. `published` is up to where everything was published for sure: it counts
/// where a partition has lost its end, or was last written in an older epoch.
pub(super) async fn read(
    settings: &Settings,
    epoch: Epoch,
    published: Position,
) -> Result<Vec<End>, Error> {
    let places = topics::places(settings);
    let consumer = start::consumer(settings)?;
    let (consumer, last) = blocking(move || {
        let mut last = TopicPartitionList::new();
        for Place { topic, number } in places {
            let (first, end) = start::bounds(&consumer, &topic, number)?;
            if end > first {
                last.add_partition_offset(&topic, number, Offset::Offset(end - 1))?;
            }
        }
        consumer.assign(&last)?;
        Ok((consumer, last.count()))
    })
    .await?;
    let count = usize::try_from(topics::partitions(settings)).unwrap_or(0);
    let mut ends = vec![End { complete: published, previous: published }; count];
    let mut seen = BTreeSet::new();
    let deadline = Instant::now() + READ_TIMEOUT;
    while seen.len() < last {
        let received = tokio::time::timeout_at(deadline, consumer.recv()).await;
        let received = received.map_err(unavailable)?.map_err(unavailable)?;
        let mark = Received::read(&received)?.mark;
        let number = topics::number(settings, received.topic(), received.partition());
        let Some(index) = number.and_then(|number| usize::try_from(number).ok()) else { continue };
        seen.insert(index);
        // Another relay may still be publishing: the later message counts.
        if let Some(end) = ends.get_mut(index)
            && mark.epoch == epoch
            && mark.position >= end.complete
        {
            let previous = if mark.is_event { mark.position } else { mark.previous };
            *end = End { complete: mark.position, previous };
        }
    }
    Ok(ends)
}

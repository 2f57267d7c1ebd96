//! One subscriber's reading. Of each partition it knows up to where it has delivered every event. A
//! message that does not follow from there shows a hole; then it reads on in the log, for all of its
//! partitions, until the end that the log has at that moment.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Payload, Position, Recorded};
use futures::FutureExt;
use rdkafka::Message;
use rdkafka::consumer::StreamConsumer;
use rdkafka::message::BorrowedMessage;

use super::message::Received;
use super::{Settings, topics, unavailable};
use crate::bus::{Delivery, Error, Starts, Subscription, end_of};
use crate::event_log::{Filter, SharedLog};

/// The most deliveries at once, and events of one page of the log.
const DELIVERIES_MAX: usize = 1_024;

pub(super) struct Subscribed {
    log: SharedLog,
    consumer: StreamConsumer,
    reading: Reading,
    is_new: bool,
    refill: Refill,
}

/// What was delivered.
struct Reading {
    settings: Arc<Settings>,
    /// Of the log when it began. What an older one published may be lost since.
    epoch: Epoch,
    /// Of each partition that is wanted: every event up to here was delivered.
    complete: Starts,
}

/// Where the reading of the log stands that fills a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refill {
    None,
    /// A hole was met.
    Needed,
    Begun {
        read: Position,
        until: Position,
    },
}

/// What one message is.
enum Taken {
    New(Delivery),
    /// It was delivered before.
    Known,
    /// Something before it never came.
    AfterHole,
}

impl Subscribed {
    pub(super) fn new(
        (settings, log): (Arc<Settings>, SharedLog),
        consumer: StreamConsumer,
        epoch: Epoch,
        starts: &Starts,
    ) -> Self {
        let reading = Reading { settings, epoch, complete: starts.clone() };
        Self { log, consumer, reading, is_new: true, refill: Refill::None }
    }

    async fn receive(&mut self) -> Result<Vec<Delivery>, Error> {
        let mut deliveries = Vec::new();
        let mut received = self.consumer.recv().await;
        loop {
            match self.reading.take(&received.map_err(unavailable)?)? {
                Taken::New(delivery) => deliveries.push(delivery),
                Taken::Known => {}
                Taken::AfterHole => {
                    self.refill = Refill::Needed;
                    return Ok(deliveries);
                }
            }
            if deliveries.len() >= DELIVERIES_MAX {
                return Ok(deliveries);
            }
            match self.consumer.recv().now_or_never() {
                Some(more) => received = more,
                None => return Ok(deliveries),
            }
        }
    }

    /// Whatever is missing is in the log, for messages are published from there.
    async fn begin_refill(&mut self) -> Result<(), Error> {
        let head = self.log.head().await?;
        if head.epoch > self.reading.epoch {
            return Err(Error::NewEpoch(head.epoch));
        }
        let read = self.reading.complete.values().min().copied().unwrap_or_default();
        tracing::warn!(
            after = read.0,
            until = head.position.0,
            "bus lacks events: reading the log"
        );
        metrics::counter!("bus_refills_total").increment(1);
        self.refill = Refill::Begun { read, until: head.position };
        Ok(())
    }

    async fn go_on(&mut self, read: Position, until: Position) -> Result<Vec<Delivery>, Error> {
        let page = self.log.read(read, &Filter::default(), DELIVERIES_MAX).await?.events;
        // From here on nothing waits, so that a caller who stops waiting loses nothing.
        let end = end_of(read, &page)?;
        let deliveries = self.reading.take_page(page, end);
        let is_done = end >= until || end == read;
        self.refill = if is_done { Refill::None } else { Refill::Begun { read: end, until } };
        Ok(deliveries)
    }
}

impl Reading {
    fn watermarks(&self) -> impl Iterator<Item = Delivery> {
        self.complete
            .iter()
            .map(|(&partition, &position)| Delivery::Watermark { partition, position })
    }

    fn take(&mut self, message: &BorrowedMessage<'_>) -> Result<Taken, Error> {
        let received = Received::read(message)?;
        let mark = received.mark;
        if mark.epoch > self.epoch {
            return Err(Error::NewEpoch(mark.epoch));
        }
        let partition = topics::number(&self.settings, message.topic(), message.partition());
        let Some(partition) = partition else { return Ok(Taken::Known) };
        let Some(complete) = self.complete.get_mut(&partition) else { return Ok(Taken::Known) };
        let is_known = mark.position < *complete || mark.is_event && mark.position == *complete;
        // What the log kept of an older epoch is read there.
        if is_known || mark.epoch < self.epoch {
            return Ok(Taken::Known);
        }
        if mark.previous > *complete {
            return Ok(Taken::AfterHole);
        }
        let delivery = if mark.is_event {
            Delivery::Event { partition, event: Arc::new(received.recorded()?) }
        } else {
            Delivery::Watermark { partition, position: mark.position }
        };
        *complete = mark.position;
        Ok(Taken::New(delivery))
    }

    fn take_page(&mut self, page: Vec<Recorded<Payload>>, end: Position) -> Vec<Delivery> {
        let mut deliveries = Vec::with_capacity(page.len());
        for event in page {
            let partition = topics::partition_of(&self.settings, &event.meta);
            if self.complete.get(&partition).is_some_and(|complete| event.position > *complete) {
                deliveries.push(Delivery::Event { partition, event: Arc::new(event) });
            }
        }
        self.complete.values_mut().for_each(|complete| *complete = end.max(*complete));
        deliveries.extend(self.watermarks());
        deliveries
    }
}

#[async_trait]
impl Subscription for Subscribed {
    async fn next(&mut self) -> Result<Vec<Delivery>, Error> {
        if self.is_new {
            // Where a partition starts, all before it is known.
            self.is_new = false;
            let told: Vec<_> = self.reading.watermarks().collect();
            if !told.is_empty() {
                return Ok(told);
            }
        }
        loop {
            let deliveries = match self.refill {
                Refill::None => self.receive().await?,
                Refill::Needed => {
                    self.begin_refill().await?;
                    continue;
                }
                Refill::Begun { read, until } => self.go_on(read, until).await?,
            };
            if !deliveries.is_empty() {
                return Ok(deliveries);
            }
        }
    }
}

impl fmt::Debug for Subscribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribed")
            .field("epoch", &self.reading.epoch)
            .field("complete", &self.reading.complete)
            .field("refill", &self.refill)
            .finish_non_exhaustive()
    }
}

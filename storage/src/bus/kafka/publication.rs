//! What the relay does with Kafka: every event of the log into its partition, in the log's order, and
//! watermarks into all of them. Whoever publishes tells the truth, so that two who publish at once, as
//! after a lease was lost unnoticed, only repeat each other.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::{Epoch, Payload, Position, Recorded};
use events_schema::time::Timestamp;
use futures::FutureExt;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ends::{self, End};
use super::message::{self, Mark};
use super::topics::{self, Place};
use super::{Settings, start, unavailable};
use crate::bus::{Error, end_of};
use crate::event_log::{self, Filter, Page, READ_MAX, SharedLog};

/// Messages that may be on their way at once.
const IN_FLIGHT_MAX: &str = "32768";
const IN_FLIGHT_KIB_MAX: &str = "32768";
/// After a page of so many events the next is read while this one is sent.
const READ_AHEAD_MIN: usize = READ_MAX / 8;
/// While events are published, every partition learns how far the log is out with each step, but no more
/// often than this.
const WATERMARK_INTERVAL: Duration = Duration::from_millis(20);
/// While none are, so often: for whoever found a partition empty.
const IDLE_INTERVAL: Duration = Duration::from_secs(5);

/// The writing side.
#[derive(Clone, Debug)]
pub struct Publisher {
    settings: Arc<Settings>,
}

impl Publisher {
    /// Reads the URL and looks whether Kafka is there. Topics are made when publishing begins.
    ///
    /// # Errors
    /// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Ok(Self { settings: super::check(url).await? })
    }

    /// Makes what topics are missing, reads the end of each partition and goes on from there.
    /// `published` is up to where everything was published for sure.
    ///
    /// # Errors
    /// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
    pub async fn begin(&self, epoch: Epoch, published: Position) -> Result<Publication, Error> {
        let settings = Arc::clone(&self.settings);
        topics::create(&settings).await?;
        let ends = ends::read(&settings, epoch, published).await?;
        let places = topics::places(&settings).into();
        let sent = ends.iter().map(|end| end.complete).min().unwrap_or_default();
        let producer = producer(&settings)?;
        Ok(Publication {
            settings,
            producer,
            places,
            epoch,
            ends,
            sent,
            recorded_at: Timestamp::EPOCH,
            acknowledged: sent,
            ahead: JoinSet::new(),
            flight: VecDeque::new(),
            told: None,
        })
    }
}

fn producer(settings: &Settings) -> Result<FutureProducer, Error> {
    let mut config = settings.writing_client();
    config
        .set("compression.codec", "lz4")
        .set("linger.ms", "2")
        // A broker that is away is waited for: nothing is given up, so that no order is broken.
        .set("message.timeout.ms", "0")
        .set("queue.buffering.max.messages", IN_FLIGHT_MAX)
        .set("queue.buffering.max.kbytes", IN_FLIGHT_KIB_MAX);
    config.create().map_err(unavailable)
}

async fn read(log: &SharedLog, after: Position) -> Result<Page<Position>, event_log::Error> {
    log.read(after, &Filter::default(), READ_MAX).await
}

/// Publishing, from one leader's beginning to its end.
pub struct Publication {
    settings: Arc<Settings>,
    producer: FutureProducer,
    places: Arc<[Place]>,
    epoch: Epoch,
    /// Of each partition, with what is on its way.
    ends: Vec<End>,
    /// Every event up to here was handed to Kafka's client.
    sent: Position,
    /// When the last of them was recorded.
    recorded_at: Timestamp,
    /// Every event up to here was acknowledged by Kafka.
    acknowledged: Position,
    /// What is read already of the events after [`Self::sent`].
    ahead: JoinSet<Result<Page<Position>, event_log::Error>>,
    flight: VecDeque<(Position, DeliveryFuture)>,
    /// The last watermark, and when.
    told: Option<(Position, Instant)>,
}

impl Publication {
    /// Where to read on in the log.
    #[must_use]
    pub const fn sent(&self) -> Position {
        self.sent
    }

    /// Whether more of the log is being read already: it is behind.
    #[must_use]
    pub fn reads_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Hands on the events that come next in the log, a page of them, and tells partitions how far it is
    /// when that is due. Waits while too many messages are on their way. False when nothing came next.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::NewEpoch`]: the publication is over, and a new one goes on
    /// where Kafka ends. [`Error::Log`] where the log does not answer or has a hole.
    pub async fn step(&mut self, log: &SharedLog) -> Result<bool, Error> {
        let page = match self.ahead.join_next().await {
            Some(ahead) => ahead.map_err(unavailable)?,
            None => read(log, self.sent).await,
        };
        let page = page?.events;
        let end = end_of(self.sent, &page)?;
        if page.len() >= READ_AHEAD_MIN {
            let log = Arc::clone(log);
            self.ahead.spawn(async move { read(&log, end).await });
        }
        if let Some(newer) = page.iter().map(|event| event.epoch).find(|epoch| *epoch > self.epoch)
        {
            return Err(Error::NewEpoch(newer));
        }
        for event in &page {
            self.publish(event).await?;
        }
        if let Some(last) = page.last() {
            (self.sent, self.recorded_at) = (end, last.recorded_at);
        }
        if self.next_watermark() <= Instant::now() {
            self.watermark().await?;
        }
        Ok(!page.is_empty())
    }

    /// When partitions are to be told again: by then at the latest it wants to [`step`](Self::step).
    #[must_use]
    pub fn next_watermark(&self) -> Instant {
        let interval =
            |(position, _)| if position < self.sent { WATERMARK_INTERVAL } else { IDLE_INTERVAL };
        self.told.map_or_else(Instant::now, |told| told.1 + interval(told))
    }

    async fn publish(&mut self, event: &Recorded<Payload>) -> Result<(), Error> {
        let partition = topics::partition_of(&self.settings, &event.meta);
        let index = usize::try_from(partition).unwrap_or(usize::MAX);
        let Some(End { complete, previous }) = self.ends.get(index).copied() else {
            return Err(unavailable("a partition is missing"));
        };
        let position = event.position;
        if position <= complete {
            return Ok(());
        }
        let mark = Mark { epoch: self.epoch, position, previous, is_event: true };
        let headers = message::event(event, mark)?;
        let key = event.meta.partition_key.as_str();
        let at = (position, event.recorded_at);
        self.send(index, (Some(key), Some(&event.event)), headers, at).await?;
        self.reach(index, End { complete: position, previous: position });
        Ok(())
    }

    /// Tells every partition that all up to [`Self::sent`] is out.
    async fn watermark(&mut self) -> Result<(), Error> {
        let (position, at) = (self.sent, self.recorded_at);
        for index in 0..self.ends.len() {
            let Some(End { complete, previous }) = self.ends.get(index).copied() else { break };
            // Of a leader before this one it may hold more.
            if complete <= position {
                let mark = Mark { epoch: self.epoch, position, previous, is_event: false };
                let headers = message::watermark(mark);
                self.send(index, (None, None), headers, (position, at)).await?;
                self.reach(index, End { complete: position, previous });
            }
        }
        self.told = Some((position, Instant::now()));
        Ok(())
    }

    fn reach(&mut self, index: usize, reached: End) {
        if let Some(end) = self.ends.get_mut(index) {
            *end = reached;
        }
    }

    /// Up to where Kafka has acknowledged every event.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where Kafka has refused one; then the publication is over.
    pub fn acknowledged(&mut self) -> Result<Position, Error> {
        while let Some((_, first)) = self.flight.front_mut() {
            let Some(done) = first.now_or_never() else { break };
            self.land(done)?;
        }
        if self.flight.is_empty() {
            self.acknowledged = self.sent;
        }
        Ok(self.acknowledged)
    }

    /// Tells partitions how far the log is out, and waits until all that was handed on is acknowledged.
    ///
    /// # Errors
    /// As [`Self::acknowledged`].
    pub async fn flush(&mut self) -> Result<Position, Error> {
        if self.told.is_none_or(|(position, _)| position < self.sent) {
            self.watermark().await?;
        }
        while let Some((_, first)) = self.flight.front_mut() {
            let done = first.await;
            self.land(done)?;
        }
        self.acknowledged()
    }

    fn land(&mut self, done: <DeliveryFuture as Future>::Output) -> Result<(), Error> {
        done.map_err(unavailable)?.map_err(|(error, _)| unavailable(error))?;
        if let Some((position, _)) = self.flight.pop_front() {
            // The one at this position may be followed by more of the same page: one less is sure.
            self.acknowledged = self.acknowledged.max(Position(position.0.saturating_sub(1)));
        }
        Ok(())
    }

    async fn send(
        &mut self,
        index: usize,
        (key, value): (Option<&str>, Option<&[u8]>),
        headers: OwnedHeaders,
        (position, at): (Position, Timestamp),
    ) -> Result<(), Error> {
        let places = Arc::clone(&self.places);
        let Some(place) = places.get(index) else {
            return Err(unavailable("a partition is missing"));
        };
        let mut record = FutureRecord::to(&place.topic)
            .partition(place.number)
            .timestamp(start::millis(at))
            .headers(headers);
        (record.key, record.payload) = (key, value);
        loop {
            match self.producer.send_result(record) {
                Ok(delivery) => {
                    self.flight.push_back((position, delivery));
                    return Ok(());
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    let Some((_, first)) = self.flight.front_mut() else { continue };
                    let done = first.await;
                    self.land(done)?;
                }
                Err((error, _)) => return Err(unavailable(error)),
            }
        }
    }
}

impl fmt::Debug for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publication")
            .field("epoch", &self.epoch)
            .field("sent", &self.sent)
            .field("acknowledged", &self.acknowledged)
            .field("in_flight", &self.flight.len())
            .finish_non_exhaustive()
    }
}

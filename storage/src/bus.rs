//! The bus: brings events to views, in order within a partition, at least once.

#[cfg(feature = "kafka")]
pub mod kafka;
pub mod letters;
pub mod partition;
pub mod tail;
#[cfg(any(test, feature = "testing"))]
pub mod unruly;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Meta, Payload, Position, Recorded};

use self::letters::SharedLetters;
use crate::event_log::SharedLog;

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Within a partition positions rise, save for what is delivered again.
    Event { partition: u32, event: Arc<Recorded<Payload>> },
    /// Every event of this partition up to here was delivered.
    Watermark { partition: u32, position: Position },
}

/// The partitions that a subscriber wants, and after which position each of them begins.
pub type Starts = BTreeMap<u32, Position>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("bus is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The log was restored or failed over since the subscription began.
    #[error("log has begun epoch {}", .0.0)]
    NewEpoch(Epoch),
    /// The bus cannot be used as configured.
    #[error("bus cannot be opened: {0}")]
    Configuration(String),
    #[error(transparent)]
    Log(#[from] crate::event_log::Error),
}

/// The port.
#[async_trait]
pub trait Bus: fmt::Debug + Send + Sync + 'static {
    fn partitions(&self) -> u32;

    /// In which of them an event travels.
    fn partition_of(&self, meta: &Meta) -> u32;

    /// Every event of these partitions after where they start is delivered at least once.
    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error>;

    /// Where copies go of events that could not be applied, if this bus has a place for them.
    fn letters(&self) -> Option<SharedLetters> {
        None
    }

    /// Every partition, after one position.
    fn all_after(&self, after: Position) -> Starts {
        (0..self.partitions()).map(|partition| (partition, after)).collect()
    }
}

#[async_trait]
pub trait Subscription: fmt::Debug + Send {
    /// The next deliveries, never empty; waits for them. Safe to cancel: nothing is lost.
    async fn next(&mut self) -> Result<Vec<Delivery>, Error>;
}

pub type SharedBus = Arc<dyn Bus>;

/// Opens the bus that the URL's scheme names, over the log that it carries: `tail:`, or `kafka://` as
/// `kafka::Settings::parse` reads it.
///
/// # Errors
/// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
pub async fn open(url: &str, log: SharedLog) -> Result<SharedBus, Error> {
    match url.split_once(':') {
        Some(("tail", "")) => Ok(Arc::new(tail::TailBus::new(log))),
        #[cfg(feature = "kafka")]
        Some(("kafka", _)) => Ok(Arc::new(kafka::KafkaBus::open(url, log).await?)),
        Some(_) | None => Err(no_bus(url)),
    }
}

/// What is wrong with the bus that the URL names, for whoever has no log to open it over.
///
/// # Errors
/// As [`open`].
pub async fn check(url: &str) -> Result<(), Error> {
    match url.split_once(':') {
        Some(("tail", "")) => Ok(()),
        #[cfg(feature = "kafka")]
        Some(("kafka", _)) => kafka::check(url).await.map(drop),
        Some(_) | None => Err(no_bus(url)),
    }
}

fn no_bus(url: &str) -> Error {
    let why = if url.starts_with("kafka:") {
        "this build has no Kafka: build it with the cargo feature `kafka`"
    } else {
        "the URL of the bus is tail: or kafka://HOST:PORT"
    };
    Error::Configuration(why.to_owned())
}

/// Where a page of the log ends that was asked for after `after`: a hole in it is an alarm.
fn end_of(after: Position, page: &[Recorded<Payload>]) -> Result<Position, Error> {
    page.iter().try_fold(after, |last, event| match event.position == last.next() {
        true => Ok(event.position),
        false => Err(Error::Log(crate::event_log::Error::Corrupt {
            position: last.next(),
            what: format!("position {} comes next", event.position),
        })),
    })
}

//! The bus: brings events to views, in order within a partition, at least once.

pub mod tail;
#[cfg(any(test, feature = "testing"))]
pub mod unruly;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Payload, Position, Recorded};

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Within a partition positions rise, save for what is delivered again.
    Event { partition: u32, event: Arc<Recorded<Payload>> },
    /// Every event of this partition up to here was delivered.
    Watermark { partition: u32, position: Position },
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("bus is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Log(#[from] crate::event_log::Error),
}

/// The port.
#[async_trait]
pub trait Bus: fmt::Debug + Send + Sync + 'static {
    fn partitions(&self) -> u32;

    /// Begins after `after`: every later event is delivered at least once.
    async fn subscribe(&self, after: Position) -> Result<Box<dyn Subscription>, Error>;
}

#[async_trait]
pub trait Subscription: fmt::Debug + Send {
    /// The next deliveries, never empty; waits for them. Safe to cancel: nothing is lost.
    async fn next(&mut self) -> Result<Vec<Delivery>, Error>;
}

pub type SharedBus = Arc<dyn Bus>;

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

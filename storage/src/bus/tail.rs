//! The embedded bus: the event log's own tail, as one partition.

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Meta, Position};

use super::{Bus, Delivery, Error, Starts, Subscription, end_of};
use crate::event_log::{Filter, SharedLog};

/// The most events of one page.
const PAGE_MAX: usize = 1_024;
const PARTITION: u32 = 0;

/// The adapter.
#[derive(Clone, Debug)]
pub struct TailBus {
    log: SharedLog,
}

impl TailBus {
    #[must_use]
    pub const fn new(log: SharedLog) -> Self {
        Self { log }
    }
}

#[async_trait]
impl Bus for TailBus {
    fn partitions(&self) -> u32 {
        1
    }

    fn partition_of(&self, _: &Meta) -> u32 {
        PARTITION
    }

    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error> {
        let log = Arc::clone(&self.log);
        let delivered = starts.get(&PARTITION).copied().unwrap_or_default();
        Ok(Box::new(Tail { log, delivered, is_new: true }))
    }
}

#[derive(Debug)]
struct Tail {
    log: SharedLog,
    delivered: Position,
    /// Nothing was delivered yet, not even a watermark.
    is_new: bool,
}

#[async_trait]
impl Subscription for Tail {
    async fn next(&mut self) -> Result<Vec<Delivery>, Error> {
        loop {
            let page = self.log.read(self.delivered, &Filter::default(), PAGE_MAX).await?.events;
            if page.is_empty() && !self.is_new {
                self.log.wait_beyond(self.delivered).await;
                continue;
            }
            // From here on nothing waits, so that a caller who stops waiting loses nothing.
            self.delivered = end_of(self.delivered, &page)?;
            self.is_new = false;
            let watermark = Delivery::Watermark { partition: PARTITION, position: self.delivered };
            let event = |event| Delivery::Event { partition: PARTITION, event: Arc::new(event) };
            return Ok(page.into_iter().map(event).chain([watermark]).collect());
        }
    }
}

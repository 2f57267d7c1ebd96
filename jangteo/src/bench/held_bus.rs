//! A bus that has read the log already and delivers it from memory: what views take when nothing is read
//! for them.

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Meta, Position};
use storage::bus::{Bus, Delivery, Error, Starts, Subscription};
use storage::event_log::{Filter, SharedLog};

/// Of one delivery, as the log's tail has it.
const PAGE: usize = 1_024;
const PARTITION: u32 = 0;

#[derive(Debug)]
pub(super) struct HeldBus {
    pages: Arc<Vec<Vec<Delivery>>>,
}

impl HeldBus {
    /// A gigabyte or so for a million events.
    pub(super) async fn read(log: &SharedLog) -> anyhow::Result<Self> {
        let (mut pages, mut end) = (vec![], Position(0));
        loop {
            let page = log.read(end, &Filter::default(), PAGE).await?.events;
            let Some(last) = page.last() else { break };
            end = last.position;
            let watermark = Delivery::Watermark { partition: PARTITION, position: end };
            let event = |event| Delivery::Event { partition: PARTITION, event: Arc::new(event) };
            pages.push(page.into_iter().map(event).chain([watermark]).collect());
        }
        Ok(Self { pages: Arc::new(pages) })
    }
}

#[async_trait]
impl Bus for HeldBus {
    fn partitions(&self) -> u32 {
        1
    }

    fn partition_of(&self, _: &Meta) -> u32 {
        PARTITION
    }

    /// From the first event, wherever it is to start: who knows some passes them over.
    async fn subscribe(&self, _: &Starts) -> Result<Box<dyn Subscription>, Error> {
        Ok(Box::new(Held { pages: Arc::clone(&self.pages), next: 0 }))
    }
}

#[derive(Debug)]
struct Held {
    pages: Arc<Vec<Vec<Delivery>>>,
    next: usize,
}

#[async_trait]
impl Subscription for Held {
    async fn next(&mut self) -> Result<Vec<Delivery>, Error> {
        let Some(page) = self.pages.get(self.next) else { return std::future::pending().await };
        self.next += 1;
        Ok(page.clone())
    }
}

//! A bus that has read the log already and delivers it from memory: what views take when nothing is read
//! for them.

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Meta, Position};
use storage::bus::tail::TailBus;
use storage::bus::{Bus, Delivery, Error, Starts, Subscription};

#[derive(Debug)]
pub(super) struct HeldBus {
    tail: TailBus,
    pages: Arc<Vec<Vec<Delivery>>>,
}

impl HeldBus {
    /// What the tail delivers up to this position: a gigabyte or so for a million events.
    pub(super) async fn read(tail: TailBus, until: Position) -> anyhow::Result<Self> {
        let mut subscription = tail.subscribe(&tail.all_after(Position(0))).await?;
        let (mut pages, mut end) = (vec![], Position(0));
        while end < until {
            let page = subscription.next().await?;
            if let Some(Delivery::Watermark { position, .. }) = page.last() {
                end = *position;
            }
            pages.push(page);
        }
        Ok(Self { tail, pages: Arc::new(pages) })
    }
}

#[async_trait]
impl Bus for HeldBus {
    fn partitions(&self) -> u32 {
        self.tail.partitions()
    }

    fn partition_of(&self, meta: &Meta) -> u32 {
        self.tail.partition_of(meta)
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

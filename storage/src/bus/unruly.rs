//! A bus for tests that behaves as badly as its contract lets it: 12 partitions that lag behind one
//! another, deliver again, and fall idle. Its seed decides how.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use events_schema::envelope::{Meta, Payload, Position, Recorded};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::{Bus, Delivery, Error, Starts, Subscription, end_of, partition};
use crate::event_log::{Filter, SharedLog};

pub const PARTITIONS: u32 = 12;
/// The most events read ahead of what is delivered.
const WAITING_MAX: usize = 1_000;
const PAGE_MAX: usize = 100;
/// How far back a partition delivers again.
const AGAIN_MAX: usize = 20;

/// The adapter.
#[derive(Debug)]
pub struct UnrulyBus {
    log: SharedLog,
    seed: u64,
    subscriptions: AtomicU64,
}

impl UnrulyBus {
    #[must_use]
    pub const fn new(log: SharedLog, seed: u64) -> Self {
        Self { log, seed, subscriptions: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Bus for UnrulyBus {
    fn partitions(&self) -> u32 {
        PARTITIONS
    }

    fn partition_of(&self, meta: &Meta) -> u32 {
        partition::of(&meta.partition_key, PARTITIONS)
    }

    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error> {
        let number = self.subscriptions.fetch_add(1, Ordering::SeqCst);
        let mut random = ChaCha12Rng::seed_from_u64(self.seed.wrapping_add(number));
        let partition = |(number, after): (&u32, &Position)| Partition {
            number: *number,
            after: *after,
            haste: random.random_range(1..=8),
            waiting: VecDeque::new(),
            delivered: VecDeque::new(),
            watermark: None,
        };
        let partitions: Vec<_> = starts.iter().map(partition).collect();
        let read = starts.values().min().copied().unwrap_or_default();
        Ok(Box::new(Unruly { log: Arc::clone(&self.log), random, partitions, read }))
    }
}

#[derive(Debug)]
struct Unruly {
    log: SharedLog,
    random: ChaCha12Rng,
    partitions: Vec<Partition>,
    read: Position,
}

#[derive(Debug)]
struct Partition {
    number: u32,
    after: Position,
    /// In so many of 8 rounds it delivers.
    haste: u32,
    waiting: VecDeque<Arc<Recorded<Payload>>>,
    delivered: VecDeque<Arc<Recorded<Payload>>>,
    watermark: Option<Position>,
}

#[async_trait]
impl Subscription for Unruly {
    async fn next(&mut self) -> Result<Vec<Delivery>, Error> {
        loop {
            if self.waiting() < WAITING_MAX {
                let page = self.log.read(self.read, &Filter::default(), PAGE_MAX).await?.events;
                if page.is_empty() && self.is_done() {
                    self.log.wait_beyond(self.read).await;
                    continue;
                }
                self.take(page)?;
            }
            let deliveries = self.round();
            if !deliveries.is_empty() {
                return Ok(deliveries);
            }
        }
    }
}

impl Unruly {
    fn waiting(&self) -> usize {
        self.partitions.iter().map(|partition| partition.waiting.len()).sum()
    }

    fn is_done(&self) -> bool {
        self.partitions
            .iter()
            .all(|partition| partition.waiting.is_empty() && partition.watermark >= Some(self.read))
    }

    fn take(&mut self, page: Vec<Recorded<Payload>>) -> Result<(), Error> {
        self.read = end_of(self.read, &page)?;
        for event in page {
            let number = partition::of(&event.meta.partition_key, PARTITIONS);
            let owner = self.partitions.iter_mut().find(|partition| partition.number == number);
            if let Some(partition) = owner
                && event.position > partition.after
            {
                partition.waiting.push_back(Arc::new(event));
            }
        }
        Ok(())
    }

    /// What the partitions deliver this time, in an order of chance.
    fn round(&mut self) -> Vec<Delivery> {
        let first = self.random.random_range(0..self.partitions.len());
        self.partitions.rotate_left(first);
        let mut deliveries = Vec::new();
        for partition in &mut self.partitions {
            if self.random.random_ratio(partition.haste, 8) {
                partition.deliver(&mut self.random, self.read, &mut deliveries);
            }
        }
        deliveries
    }
}

impl Partition {
    fn deliver(&mut self, random: &mut ChaCha12Rng, read: Position, out: &mut Vec<Delivery>) {
        let partition = self.number;
        let deliver = |event: &Arc<_>| Delivery::Event { partition, event: Arc::clone(event) };
        if random.random_ratio(1, 8) {
            let again = random.random_range(0..=self.delivered.len());
            out.extend(self.delivered.iter().skip(again).map(deliver));
        }
        let count = random.random_range(0..=self.waiting.len().min(AGAIN_MAX));
        for event in self.waiting.drain(..count) {
            out.push(deliver(&event));
            self.delivered.push_back(event);
        }
        let forgotten = self.delivered.len().saturating_sub(AGAIN_MAX);
        self.delivered.drain(..forgotten);
        if random.random_ratio(1, 2) {
            let before =
                |event: &Arc<Recorded<Payload>>| Position(event.position.0.saturating_sub(1));
            let position = self.waiting.front().map_or(read, before).max(self.after);
            if self.watermark != Some(position) {
                self.watermark = Some(position);
                out.push(Delivery::Watermark { partition, position });
            }
        }
    }
}

//! Takes deliveries from the bus, decodes each event once and hands them to the views.

use std::sync::Arc;
use std::time::Duration;

use events_schema::Event;
use events_schema::envelope::{Epoch, Payload, Position, Recorded};
use storage::bus::{self, Delivery, SharedBus, Starts, Subscription};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::merge::{Hole, Merge};

/// Batches (pages of the bus) that wait for a view that is slower than it: while all views of a trade
/// are written at once, the others go on.
pub(crate) const BATCHES_MAX: usize = 16;
/// Events decoded before other tasks get their turn.
const SLICE: usize = 128;
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What views are told.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Batch(Batch),
    /// The bus does not answer; it is asked again.
    Paused(String),
    /// Nothing more comes: somebody has to act.
    Stopped(String),
}

/// Events, and up to where all of them were brought.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// As they came, in order within a partition.
    pub(crate) arrived: Arc<Vec<Arc<Recorded<Event>>>>,
    /// The partition of each of them.
    pub(crate) partitions: Arc<Vec<u32>>,
    /// Of each partition: every event up to here was brought.
    pub(crate) complete: Arc<Starts>,
    /// In the log's order, each once; where a view asks for it.
    pub(crate) merged: Arc<Vec<Arc<Recorded<Event>>>>,
    /// Every event up to here was merged.
    pub(crate) watermark: Position,
}

/// Why a pump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Shutdown,
    /// The views were told why.
    Stopped,
    /// The log was restored or failed over: views have to check what they rest on.
    NewEpoch,
}

#[derive(Debug)]
pub(crate) struct Pump {
    pub(crate) bus: SharedBus,
    pub(crate) epoch: Epoch,
    pub(crate) views: Vec<mpsc::Sender<Message>>,
    /// Where the merging of all partitions begins, if a view needs it.
    pub(crate) merged_after: Option<Position>,
    pub(crate) cancel: CancellationToken,
}

/// Events in the log's order, and up to where there are no others.
type Merged = (Vec<Arc<Recorded<Event>>>, Position);

/// What was brought so far.
#[derive(Debug)]
struct Brought {
    complete: Starts,
    merge: Option<Merge>,
}

enum Failure {
    Bus(bus::Error),
    Lagging,
    Stop(String),
    NewEpoch,
    /// No view listens any more.
    Alone,
}

impl Pump {
    /// Runs until it is cancelled or cannot go on.
    pub(crate) async fn run(self, starts: Starts) -> End {
        let merge = self.merged_after.map(|after| Merge::new(self.bus.partitions(), after));
        let mut brought = Brought { complete: starts, merge };
        let mut pause = PAUSE_MIN;
        loop {
            let begun = brought.complete.clone();
            let failure = tokio::select! {
                () = self.cancel.cancelled() => return End::Shutdown,
                failure = self.follow(&mut brought) => failure,
            };
            let reason = match failure {
                Failure::NewEpoch | Failure::Bus(bus::Error::NewEpoch(_)) => return End::NewEpoch,
                Failure::Alone => return End::Shutdown,
                Failure::Stop(reason) => {
                    tracing::error!(reason, "views are stopped");
                    self.tell(Message::Stopped(reason)).await;
                    return End::Stopped;
                }
                Failure::Lagging => "a partition lags too far behind the others".to_owned(),
                Failure::Bus(error) => with_causes(&error),
            };
            tracing::warn!(reason, "bus does not deliver; trying again");
            self.tell(Message::Paused(reason)).await;
            pause = if brought.complete == begun { (pause * 2).min(PAUSE_MAX) } else { PAUSE_MIN };
            tokio::select! {
                () = self.cancel.cancelled() => return End::Shutdown,
                () = tokio::time::sleep(pause) => {}
            }
            brought.begin_again(self.bus.partitions());
        }
    }

    async fn follow(&self, brought: &mut Brought) -> Failure {
        let mut subscription = match self.bus.subscribe(&brought.complete).await {
            Ok(subscription) => subscription,
            Err(error) => return Failure::Bus(error),
        };
        while self.views.iter().any(|view| !view.is_closed()) {
            if let Err(failure) = self.step(&mut *subscription, brought).await {
                return failure;
            }
        }
        Failure::Alone
    }

    async fn step(
        &self,
        subscription: &mut dyn Subscription,
        brought: &mut Brought,
    ) -> Result<(), Failure> {
        let deliveries = subscription.next().await.map_err(Failure::Bus)?;
        let (mut arrived, mut partitions) = (Vec::with_capacity(deliveries.len()), vec![]);
        let mut failure = None;
        for (index, delivery) in deliveries.into_iter().enumerate() {
            if index % SLICE == SLICE - 1 {
                tokio::task::yield_now().await;
            }
            let Some((partition, event)) = brought.take(delivery) else { continue };
            let position = event.position;
            match self.decode(event) {
                Ok(event) => {
                    brought.event(partition, Arc::clone(&event));
                    arrived.push(event);
                    partitions.push(partition);
                }
                Err(why) => {
                    // What stands before it in its partition was delivered.
                    brought.reach(partition, Position(position.0.saturating_sub(1)));
                    failure = Some(why);
                    break;
                }
            }
        }
        let (merged, watermark) = match brought.advance() {
            Ok(merged) => merged,
            Err(hole) => return Err(failure.unwrap_or(Failure::Stop(hole.to_string()))),
        };
        let (arrived, merged) = (Arc::new(arrived), Arc::new(merged));
        let (partitions, complete) = (Arc::new(partitions), Arc::new(brought.complete.clone()));
        let batch = Batch { arrived, partitions, complete, merged, watermark };
        self.tell(Message::Batch(batch)).await;
        match failure {
            Some(failure) => Err(failure),
            None if brought.merge.as_ref().is_some_and(Merge::is_full) => Err(Failure::Lagging),
            None => Ok(()),
        }
    }

    fn decode(&self, event: Arc<Recorded<Payload>>) -> Result<Arc<Recorded<Event>>, Failure> {
        if event.epoch > self.epoch {
            return Err(Failure::NewEpoch);
        }
        let position = event.position;
        let event = Arc::try_unwrap(event).unwrap_or_else(|event| (*event).clone());
        let decoded = event.decode();
        decoded
            .map(Arc::new)
            .map_err(|error| Failure::Stop(format!("position {position} cannot be read: {error}")))
    }

    /// A view that has ended listens no more.
    async fn tell(&self, message: Message) {
        for view in &self.views {
            let _ = view.send(message.clone()).await;
        }
    }
}

impl Brought {
    /// An event that was not delivered before.
    fn take(&mut self, delivery: Delivery) -> Option<(u32, Arc<Recorded<Payload>>)> {
        match delivery {
            Delivery::Watermark { partition, position } => {
                self.reach(partition, position);
                None
            }
            Delivery::Event { partition, event } => {
                let is_new = self.complete.get(&partition).is_some_and(|at| event.position > *at);
                is_new.then_some((partition, event))
            }
        }
    }

    fn reach(&mut self, partition: u32, position: Position) {
        if let Some(complete) = self.complete.get_mut(&partition) {
            *complete = position.max(*complete);
        }
        if let Some(merge) = &mut self.merge {
            merge.watermark(partition, position);
        }
    }

    fn event(&mut self, partition: u32, event: Arc<Recorded<Event>>) {
        if let Some(complete) = self.complete.get_mut(&partition) {
            *complete = event.position;
        }
        if let Some(merge) = &mut self.merge
            && event.position > merge.merged()
        {
            merge.event(event);
        }
    }

    /// What follows in the log's order, and up to where.
    fn advance(&mut self) -> Result<Merged, Hole> {
        match &mut self.merge {
            Some(merge) => merge.advance().map(|merged| (merged, merge.merged())),
            None => Ok((vec![], Position(0))),
        }
    }

    /// What waits to be merged is asked for again.
    fn begin_again(&mut self, partitions: u32) {
        if let Some(merge) = &self.merge {
            let merged = merge.merged();
            self.complete.values_mut().for_each(|complete| *complete = merged.min(*complete));
            self.merge = Some(Merge::new(partitions, merged));
        }
    }
}

/// An error and what caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

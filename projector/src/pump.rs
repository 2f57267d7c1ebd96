//! Takes deliveries from the bus, decodes each event once and hands them to the views.

use std::sync::Arc;
use std::time::Duration;

use events_schema::Event;
use events_schema::envelope::{Epoch, Payload, Position, Recorded};
use storage::bus::{self, Delivery, SharedBus, Subscription};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::merge::Merge;

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
    /// As they came: in order within a document's partition.
    pub(crate) arrived: Arc<Vec<Arc<Recorded<Event>>>>,
    /// In the log's order, each once.
    pub(crate) merged: Arc<Vec<Arc<Recorded<Event>>>>,
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
    pub(crate) cancel: CancellationToken,
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
    pub(crate) async fn run(self, after: Position) -> End {
        let mut merge = Merge::new(self.bus.partitions(), after);
        let mut pause = PAUSE_MIN;
        loop {
            let begun = merge.merged();
            let failure = tokio::select! {
                () = self.cancel.cancelled() => return End::Shutdown,
                failure = self.follow(&mut merge) => failure,
            };
            let reason = match failure {
                Failure::NewEpoch => return End::NewEpoch,
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
            pause = if merge.merged() > begun { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
            tokio::select! {
                () = self.cancel.cancelled() => return End::Shutdown,
                () = tokio::time::sleep(pause) => {}
            }
            merge = Merge::new(self.bus.partitions(), merge.merged());
        }
    }

    async fn follow(&self, merge: &mut Merge) -> Failure {
        let mut subscription = match self.bus.subscribe(&self.bus.all_after(merge.merged())).await {
            Ok(subscription) => subscription,
            Err(error) => return Failure::Bus(error),
        };
        while self.views.iter().any(|view| !view.is_closed()) {
            if let Err(failure) = self.step(&mut *subscription, merge).await {
                return failure;
            }
        }
        Failure::Alone
    }

    async fn step(
        &self,
        subscription: &mut dyn Subscription,
        merge: &mut Merge,
    ) -> Result<(), Failure> {
        let deliveries = subscription.next().await.map_err(Failure::Bus)?;
        let mut arrived = Vec::with_capacity(deliveries.len());
        let mut failure = None;
        for (index, delivery) in deliveries.into_iter().enumerate() {
            if index % SLICE == SLICE - 1 {
                tokio::task::yield_now().await;
            }
            match delivery {
                Delivery::Watermark { partition, position } => merge.watermark(partition, position),
                Delivery::Event { event, .. } if event.position <= merge.merged() => {}
                Delivery::Event { partition, event } => {
                    let before = Position(event.position.0.saturating_sub(1));
                    match self.decode(event) {
                        Ok(event) => {
                            merge.event(Arc::clone(&event));
                            arrived.push(event);
                        }
                        Err(why) => {
                            // What stands before it in its partition was delivered.
                            merge.watermark(partition, before);
                            failure = Some(why);
                            break;
                        }
                    }
                }
            }
        }
        let merged = match merge.advance() {
            Ok(merged) => merged,
            Err(hole) => return Err(failure.unwrap_or(Failure::Stop(hole.to_string()))),
        };
        let (arrived, merged) = (Arc::new(arrived), Arc::new(merged));
        self.tell(Message::Batch(Batch { arrived, merged, watermark: merge.merged() })).await;
        match failure {
            Some(failure) => Err(failure),
            None if merge.is_full() => Err(Failure::Lagging),
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

/// An error and what caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

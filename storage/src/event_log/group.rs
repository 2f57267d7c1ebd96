//! Group commit: while one flush is in flight the next batch gathers, with no artificial delay.
//!
//! Each unit keeps its own outcome. A unit that was taken is appended or answered, whether or not
//! its caller still waits.

mod gather;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use self::gather::{BATCH_COMMANDS_MAX, Footprint, gather};
use super::failure::{Refused, unavailable};
use super::growth::Growth;
use super::seal::{Sealed, seal};
use super::{Appended, Error, Unit};

/// Units that wait in the channel, and as many in the runner's hand; one more is told to come back
/// later.
pub(super) const QUEUE_MAX: usize = 2_048;

/// Writes a batch in which no unit writes what another touches, and no key stands twice.
#[async_trait]
pub(super) trait Flush: fmt::Debug + Send + Sync + 'static {
    /// An outcome for each unit, in their order.
    async fn flush(&self, batch: Arc<[Sealed]>) -> Vec<Outcome>;
}

pub(super) type Outcome = Result<Appended, Error>;

#[derive(Debug)]
struct Waiting {
    unit: Sealed,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
pub(super) struct Group {
    queue: mpsc::Sender<Waiting>,
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl Group {
    pub(super) fn start(flush: Arc<dyn Flush>, flights_max: usize, growth: Growth) -> Self {
        let (queue, incoming) = mpsc::channel(QUEUE_MAX);
        let (tracker, closing) = (TaskTracker::new(), CancellationToken::new());
        let runner = Runner {
            incoming,
            waiting: VecDeque::new(),
            flights: FuturesUnordered::new(),
            in_flight: Footprint::default(),
            flights_max,
            flush,
            growth,
            tracker: tracker.clone(),
        };
        tracker.spawn(runner.run(closing.clone()));
        Self { queue, tracker, closing }
    }

    pub(super) async fn append(&self, unit: Unit) -> Outcome {
        let span = tracing::info_span!("append", append.commands = unit.commands.len());
        self.queued(seal(unit)?).instrument(span).await
    }

    async fn queued(&self, unit: Sealed) -> Outcome {
        let (reply, outcome) = oneshot::channel();
        self.queue.try_send(Waiting { unit, reply }).map_err(|refusal| match refusal {
            mpsc::error::TrySendError::Full(_) => unavailable(Refused("too many appends wait")),
            mpsc::error::TrySendError::Closed(_) => unavailable(Refused("the log is closed")),
        })?;
        outcome.await.unwrap_or_else(|_| Err(unavailable(Refused("the log was closed meanwhile"))))
    }

    /// Takes no more units and waits for those that were taken.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

type Flight = (Vec<oneshot::Sender<Outcome>>, Arc<[Sealed]>, Vec<Outcome>);

struct Runner {
    incoming: mpsc::Receiver<Waiting>,
    waiting: VecDeque<Waiting>,
    flights: FuturesUnordered<JoinHandle<Flight>>,
    in_flight: Footprint,
    flights_max: usize,
    flush: Arc<dyn Flush>,
    growth: Growth,
    tracker: TaskTracker,
}

impl Runner {
    async fn run(mut self, closing: CancellationToken) {
        let mut open = true;
        loop {
            self.take_what_is_there();
            self.depart();
            if !open && self.waiting.is_empty() && self.flights.is_empty() {
                return;
            }
            let room = self.waiting.len() < QUEUE_MAX;
            tokio::select! {
                biased;
                Some(flight) = self.flights.next(), if !self.flights.is_empty() => {
                    // A flight that panicked has told its callers by dropping their replies, but
                    // what it held can no longer be known: the log stops here.
                    let Ok(flight) = flight else { return };
                    self.land(flight);
                    // Those who were answered ask again before the next batch departs: a call
                    // costs what it costs, however full it is.
                    tokio::task::yield_now().await;
                }
                () = closing.cancelled(), if !self.incoming.is_closed() => self.incoming.close(),
                unit = self.incoming.recv(), if open && room => match unit {
                    Some(unit) => self.waiting.push_back(unit),
                    None => open = false,
                },
            }
        }
    }

    fn take_what_is_there(&mut self) {
        while self.waiting.len() < QUEUE_MAX
            && let Ok(unit) = self.incoming.try_recv()
        {
            self.waiting.push_back(unit);
        }
    }

    fn depart(&mut self) {
        while self.flights.len() < self.flights_max {
            // Beside a flight only a full batch departs: two half-full ones cost twice.
            if !self.flights.is_empty() && self.waiting.len() < BATCH_COMMANDS_MAX {
                return;
            }
            let batch = gather(&mut self.waiting, &self.in_flight);
            if batch.is_empty() {
                return;
            }
            let (units, replies): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|waiting| (waiting.unit, waiting.reply)).unzip();
            units.iter().for_each(|unit| self.in_flight.add(unit));
            let (units, flush) = (Arc::<[Sealed]>::from(units), Arc::clone(&self.flush));
            self.flights.push(self.tracker.spawn(async move {
                let started = Instant::now();
                let outcomes = flush.flush(Arc::clone(&units)).await;
                measure(&units, started);
                (replies, units, outcomes)
            }));
        }
    }

    fn land(&mut self, (replies, units, outcomes): Flight) {
        units.iter().for_each(|unit| self.in_flight.remove(unit));
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            if let Ok(Appended::Done(positions)) = &outcome
                && let Some(last) = positions.last()
            {
                self.growth.reached(*last);
            }
            // A caller that has gone away does not undo what was done.
            let _ = reply.send(outcome);
        }
    }
}

/// How full a batch was, and how long the log took to write it.
fn measure(units: &[Sealed], started: Instant) {
    let commands: usize = units.iter().map(|unit| unit.commands.len()).sum();
    let commands = u32::try_from(commands).unwrap_or(u32::MAX);
    metrics::histogram!("append_batch_commands").record(commands);
    metrics::histogram!("append_seconds").record(started.elapsed());
}

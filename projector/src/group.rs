//! Views that share one subscription, so that each event is decoded once.

use std::collections::BTreeSet;

use events_schema::envelope::{Epoch, Position};
use storage::bus::Starts;
use storage::documents::{self, Generation, Part};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::Ports;
use crate::parked::Parked;
use crate::precedence::Precedence;
use crate::progress::{Health, ViewState, Views};
use crate::pump::{BATCHES_MAX, End, Pump};
use crate::registry::Spec;
use crate::share::{self, Tenure};
use crate::view::{Order, Rank};
use crate::worker::{Begin, Command, Worker};

const COMMANDS_MAX: usize = 16;

/// A worker at work.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) spec: &'static Spec,
    pub(crate) generation: Generation,
    pub(crate) parts: BTreeSet<Part>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) state: watch::Receiver<ViewState>,
    /// A worker that nobody holds any more ends.
    cancel: DropGuard,
    done: JoinHandle<()>,
}

impl Running {
    /// Ends it: what it has folded is stored. Gives the position that it reached.
    pub(crate) async fn stop(self) -> Position {
        drop(self.cancel);
        let _ = self.done.await;
        self.state.borrow().position
    }

    /// Waits until it has reached `position`; `Err` says why it never will.
    pub(crate) async fn reach(&mut self, position: Position) -> Result<Position, String> {
        let reached = self.state.wait_for(|state| {
            state.position >= position || matches!(state.health, Health::Stopped(_))
        });
        match reached.await {
            Ok(state) => match &state.health {
                Health::Stopped(reason) => Err(reason.clone()),
                Health::Starting
                | Health::Live
                | Health::Elsewhere
                | Health::Rebuilding
                | Health::Paused(_) => Ok(state.position),
            },
            Err(_) => Err("projector shuts down".to_owned()),
        }
    }
}

/// What of a view a worker does, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) parts: BTreeSet<Part>,
    /// The states that it speaks for, where it serves.
    pub(crate) views: Option<Views>,
    pub(crate) tenure: Tenure,
}

impl Work {
    /// All of a view, which nobody else does.
    pub(crate) fn whole(ports: &Ports, spec: &Spec) -> Self {
        let parts = share::parts(spec, ports.bus.partitions());
        Self { parts, views: None, tenure: Tenure::ENDLESS }
    }
}

/// Where a generation of a view begins: each part after what its checkpoint says.
pub(crate) async fn begin(
    ports: &Ports,
    (spec, generation): (&'static Spec, Generation),
    (epoch, bulk_until): (Epoch, Position),
    work: Work,
) -> Result<Begin, documents::Error> {
    let collection = (spec.collection)();
    ports.documents.declare(collection, generation).await?;
    let checkpoint = ports.documents.checkpoint(collection, generation).await?;
    let reached = |part| checkpoint.as_ref().map(|checkpoint| checkpoint.reached(part));
    let Work { parts, views, tenure } = work;
    let parts = parts.into_iter().map(|part| (part, reached(part).unwrap_or_default())).collect();
    let parked = Parked::load(&*ports.documents, spec.name, generation).await?;
    let is_empty = ports.documents.scan(collection, generation, None, 1).await?.is_empty();
    Ok(Begin { spec, generation, epoch, parts, is_empty, bulk_until, parked, views, tenure })
}

/// What groups run on.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) ports: Ports,
    pub(crate) tracker: TaskTracker,
    pub(crate) cancel: CancellationToken,
    /// Told how each pump ended.
    pub(crate) ends: mpsc::Sender<End>,
    pub(crate) precedence: Precedence,
}

/// Starts workers and the pump that feeds them.
pub(crate) fn start(ground: &Ground, begins: Vec<Begin>) -> Vec<Running> {
    let Ground { ports, tracker, cancel, ends, precedence } = ground;
    let (starts, merged_after) = starts(&begins, ports.bus.partitions());
    let epoch = begins.iter().map(|begin| begin.epoch).min().unwrap_or(Epoch(0));
    let mut views = vec![];
    let mut running = vec![];
    for begin in begins {
        let (sender, messages) = mpsc::channel(BATCHES_MAX);
        let (commands, orders) = mpsc::channel(COMMANDS_MAX);
        let cancel = cancel.child_token();
        let (spec, generation) = (begin.spec, begin.generation);
        let parts = begin.parts.keys().copied().collect();
        // What serves nobody yet is in no hurry.
        let rank = if begin.views.is_some() { spec.rank } else { Rank::Batch };
        let claim = precedence.claim(rank);
        let worker = Worker::new(ports.clone(), begin, claim, (tracker.clone(), cancel.clone()));
        let state = worker.state();
        let done = tracker.spawn(worker.run(messages, orders));
        let cancel = cancel.drop_guard();
        views.push(sender);
        running.push(Running { spec, generation, parts, commands, state, cancel, done });
    }
    let (bus, cancel) = (ports.bus.clone(), cancel.child_token());
    let pump = Pump { bus, epoch, views, merged_after, cancel };
    let ends = ends.clone();
    tracker.spawn(async move {
        let _ = ends.send(pump.run(starts).await).await;
    });
    running
}

/// Which partitions these views need, and after which position; and where merging all of them begins.
fn starts(begins: &[Begin], partitions: u32) -> (Starts, Option<Position>) {
    let (mut starts, mut merged_after) = (Starts::new(), None::<Position>);
    let mut start = |number: u32, after: Position| {
        let known = starts.entry(number).or_insert(after);
        *known = after.min(*known);
    };
    for begin in begins {
        for (part, after) in &begin.parts {
            match begin.spec.order {
                Order::Key => start(part.number, *after),
                Order::Log => {
                    merged_after = Some(merged_after.map_or(*after, |known| known.min(*after)));
                }
            }
        }
    }
    if let Some(after) = merged_after {
        (0..partitions).for_each(|number| start(number, after));
    }
    (starts, merged_after)
}

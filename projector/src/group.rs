//! Views that share one subscription, so that each event is decoded once.

use events_schema::envelope::{Epoch, Position};
use storage::documents::{self, Generation};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::Ports;
use crate::parked::Parked;
use crate::progress::{Health, ViewState, Views};
use crate::pump::{BATCHES_MAX, End, Pump};
use crate::registry::Spec;
use crate::worker::{Begin, Command, Worker};

const COMMANDS_MAX: usize = 16;

/// A worker at work.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) spec: &'static Spec,
    pub(crate) generation: Generation,
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
                Health::Starting | Health::Live | Health::Rebuilding | Health::Paused(_) => {
                    Ok(state.position)
                }
            },
            Err(_) => Err("projector shuts down".to_owned()),
        }
    }
}

/// Where a generation of a view begins: after its checkpoint.
pub(crate) async fn begin(
    ports: &Ports,
    spec: &'static Spec,
    generation: Generation,
    (epoch, bulk_until): (Epoch, Position),
    views: Option<Views>,
) -> Result<Begin, documents::Error> {
    let collection = (spec.collection)();
    ports.documents.declare(collection, generation).await?;
    let checkpoint = ports.documents.checkpoint(collection, generation).await?;
    let after = checkpoint.map(|checkpoint| checkpoint.position).unwrap_or_default();
    let parked = Parked::load(&*ports.documents, spec.name, generation).await?;
    let is_empty = ports.documents.scan(collection, generation, None, 1).await?.is_empty();
    Ok(Begin { spec, generation, epoch, after, is_empty, bulk_until, parked, views })
}

/// What groups run on.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) ports: Ports,
    pub(crate) tracker: TaskTracker,
    pub(crate) cancel: CancellationToken,
    /// Told how each pump ended.
    pub(crate) ends: mpsc::Sender<End>,
}

/// Starts workers and the pump that feeds them.
pub(crate) fn start(ground: &Ground, begins: Vec<Begin>) -> Vec<Running> {
    let Ground { ports, tracker, cancel, ends } = ground;
    let after = begins.iter().map(|begin| begin.after).min().unwrap_or_default();
    let epoch = begins.iter().map(|begin| begin.epoch).min().unwrap_or(Epoch(0));
    let mut views = vec![];
    let mut running = vec![];
    for begin in begins {
        let (sender, messages) = mpsc::channel(BATCHES_MAX);
        let (commands, orders) = mpsc::channel(COMMANDS_MAX);
        let cancel = cancel.child_token();
        let (spec, generation) = (begin.spec, begin.generation);
        let worker = Worker::new(ports.clone(), begin, cancel.clone());
        let state = worker.state();
        let done = tracker.spawn(worker.run(messages, orders));
        let cancel = cancel.drop_guard();
        views.push(sender);
        running.push(Running { spec, generation, commands, state, cancel, done });
    }
    let pump = Pump { bus: ports.bus.clone(), epoch, views, cancel: cancel.child_token() };
    let ends = ends.clone();
    tracker.spawn(async move {
        let _ = ends.send(pump.run(after).await).await;
    });
    running
}

//! The projector at work: every view live, and what can be asked of it.

mod supervisor;

use storage::documents::Generation;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::supervisor::{Supervisor, TakeOver};
use crate::group::Ground;
use crate::precedence::Precedence;
use crate::progress::Views;
use crate::rebuild::{Built, Error, Rebuilt, build, catch_up, named};
use crate::{Ports, generations};

const ORDERS_MAX: usize = 64;

/// Every view, live. It ends when the shutdown token is cancelled; the tracker waits for it.
#[derive(Clone, Debug)]
pub struct Projector {
    ground: Ground,
    views: Views,
    orders: mpsc::Sender<TakeOver>,
}

impl Projector {
    /// Starts every view where it left off. What is not there yet, or rests on a history that the
    /// log no longer has, is rebuilt.
    #[must_use]
    pub fn start(ports: Ports, tracker: TaskTracker, shutdown: CancellationToken) -> Self {
        let (orders, received) = mpsc::channel(ORDERS_MAX);
        let (ends, ended) = mpsc::channel(ORDERS_MAX);
        let precedence = Precedence::default();
        let ground = Ground { ports, tracker, cancel: shutdown, ends, precedence };
        let projector = Self { ground, views: Views::default(), orders };
        let supervisor = Supervisor::new(projector.clone());
        projector.ground.tracker.spawn(supervisor.run(received, ended));
        projector
    }

    /// How far each view is, and whether it is well.
    #[must_use]
    pub const fn views(&self) -> &Views {
        &self.views
    }

    /// Rebuilds views (all, where none is named) beside the documents that serve, compares them
    /// with a second fold, and switches.
    ///
    /// # Errors
    /// [`Error`]; the old documents then serve on.
    pub async fn rebuild(&self, names: &[&str]) -> Result<Vec<Rebuilt>, Error> {
        let specs = named(names)?;
        self.take_over(build(&self.ground, specs).await?).await
    }

    /// Serves another generation of a view that is still there, once it has caught up.
    ///
    /// # Errors
    /// [`Error::UnknownGeneration`] where there is none; else as [`Self::rebuild`].
    pub async fn switch(&self, view: &str, generation: Generation) -> Result<Rebuilt, Error> {
        let spec = named(&[view])?.remove(0);
        let ports = &self.ground.ports;
        if !generations::others(ports, spec).await?.contains(&generation) {
            return Err(Error::UnknownGeneration(spec.name));
        }
        let serving = ports.documents.serving((spec.collection)()).await?;
        let targets = vec![(spec, generation, serving)];
        let built = catch_up(&self.ground, targets).await?;
        let mut rebuilt = self.take_over(built).await?;
        rebuilt.pop().ok_or(Error::UnknownGeneration(spec.name))
    }

    async fn take_over(&self, built: Vec<Built>) -> Result<Vec<Rebuilt>, Error> {
        let mut rebuilt = vec![];
        for Built { running, verified, previous } in built {
            let (reply, answer) = oneshot::channel();
            let order = TakeOver { running, reply };
            self.orders.send(order).await.map_err(|_| Error::ShutDown)?;
            answer.await.map_err(|_| Error::ShutDown)??;
            rebuilt.push(Rebuilt { verified, previous });
        }
        Ok(rebuilt)
    }
}

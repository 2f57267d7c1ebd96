//! Rebuilds views: a new generation beside the one that serves, by the same code that runs live.

use events_schema::envelope::Position;
use storage::documents::{self, Generation};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::group::{self, Ground, Running, Work};
use crate::precedence::Precedence;
use crate::registry::{self, Spec};
use crate::verify::{self, Verified, verify};
use crate::{Ports, generations};

/// A generation that serves now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    pub verified: Verified,
    /// What served before, kept to switch back to.
    pub previous: Option<Generation>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no view {0}")]
    UnknownView(String),
    #[error("view {0} has no such generation")]
    UnknownGeneration(&'static str),
    #[error(transparent)]
    Leases(#[from] storage::leases::Error),
    #[error(transparent)]
    Documents(#[from] documents::Error),
    #[error(transparent)]
    Search(#[from] storage::search::Error),
    #[error(transparent)]
    Log(#[from] storage::event_log::Error),
    #[error(transparent)]
    Verify(#[from] verify::Error),
    #[error("view {view} stopped: {reason}")]
    Stopped { view: &'static str, reason: String },
    /// The new documents are not what a second fold gives. The old ones serve on.
    #[error("view {} differs from the fold of the log in {} documents", .0.view, .0.differing)]
    Differs(Box<Verified>),
    #[error("projector shuts down")]
    ShutDown,
}

/// The views of these names; all of them where none is named.
///
/// # Errors
/// [`Error::UnknownView`].
pub fn named(names: &[&str]) -> Result<Vec<&'static Spec>, Error> {
    if names.is_empty() {
        return Ok(registry::VIEWS.iter().collect());
    }
    let find =
        |name: &&str| registry::view(name).ok_or_else(|| Error::UnknownView((*name).to_owned()));
    names.iter().map(find).collect()
}

/// A generation that has caught up, and its worker.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) running: Running,
    pub(crate) verified: Verified,
    pub(crate) previous: Option<Generation>,
}

/// Rebuilds views where no projector runs: builds, compares, switches.
///
/// # Errors
/// [`Error`]; the old generations then serve on.
pub async fn rebuild(
    ports: &Ports,
    tracker: &TaskTracker,
    shutdown: &CancellationToken,
    names: &[&str],
) -> Result<Vec<Rebuilt>, Error> {
    let cancel = shutdown.child_token();
    let _ends_here = cancel.clone().drop_guard();
    let (ends, _) = mpsc::channel(1);
    let (ports, tracker) = (ports.clone(), tracker.clone());
    let ground = Ground { ports, tracker, cancel, ends, precedence: Precedence::default() };
    let mut rebuilt = vec![];
    for Built { running, verified, previous } in build(&ground, named(names)?).await? {
        let (spec, generation) = (running.spec, running.generation);
        running.stop().await;
        ground.ports.documents.serve((spec.collection)(), generation).await?;
        rebuilt.push(Rebuilt { verified, previous });
    }
    Ok(rebuilt)
}

/// Builds a fresh generation of each, up to the log's head, and compares it with a second fold.
pub(crate) async fn build(ground: &Ground, specs: Vec<&'static Spec>) -> Result<Vec<Built>, Error> {
    let ports = &ground.ports;
    let mut targets = vec![];
    for spec in specs {
        let serving = ports.documents.serving((spec.collection)()).await?;
        let generation = generations::next(spec, serving);
        // What an earlier try may have left.
        generations::remove(ports, spec, generation).await?;
        targets.push((spec, generation, serving));
    }
    catch_up(ground, targets).await
}

/// Brings these generations up to the log's head.
pub(crate) async fn catch_up(
    ground: &Ground,
    targets: Vec<(&'static Spec, Generation, Option<Generation>)>,
) -> Result<Vec<Built>, Error> {
    let ports = &ground.ports;
    let head = ports.log.head().await?;
    let mut begins = vec![];
    for (spec, generation, _) in &targets {
        if spec.searched {
            ports.search.declare(*generation).await?;
        }
        let place = (head.epoch, head.position);
        let work = Work::whole(ports, spec);
        begins.push(group::begin(ports, (spec, *generation), place, work).await?);
    }
    let mut running = group::start(ground, begins);
    match compare(ports, &mut running, head.position).await {
        Ok(verified) => {
            let previous = targets.into_iter().map(|(.., serving)| serving);
            let built = running.into_iter().zip(verified).zip(previous);
            let built = built.map(|((running, verified), previous)| {
                let previous = previous.filter(|previous| *previous != running.generation);
                Built { running, verified, previous }
            });
            Ok(built.collect())
        }
        Err(error) => {
            for running in running {
                running.stop().await;
            }
            Err(error)
        }
    }
}

async fn compare(
    ports: &Ports,
    running: &mut [Running],
    until: Position,
) -> Result<Vec<Verified>, Error> {
    let mut generations = vec![];
    for running in running {
        let view = running.spec.name;
        let reached = running.reach(until).await;
        let position = reached.map_err(|reason| Error::Stopped { view, reason })?;
        tracing::info!(view, %position, "new generation has caught up");
        generations.push((running.spec, running.generation));
    }
    let verified = verify(ports, &generations).await?;
    match verified.iter().find(|verified| verified.differing > 0) {
        Some(verified) => Err(Error::Differs(Box::new(verified.clone()))),
        None => Ok(verified),
    }
}

//! The progress of views that another process runs, read from where that one stores it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::Epoch;
use storage::documents::{self, Checkpoint, Generation};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::progress::{Health, ViewState, Views};
use crate::registry::{Spec, VIEWS};
use crate::{Ports, parked};

/// How often each view is looked at: what a waiting reader may lose.
const INTERVAL: Duration = Duration::from_millis(50);

/// Views whose state is read from the documents until `shutdown`. They are as live as their last
/// checkpoint.
#[must_use]
pub fn follow(ports: Ports, tracker: &TaskTracker, shutdown: CancellationToken) -> Views {
    let views = Views::default();
    let followed = views.clone();
    tracker.spawn(async move {
        loop {
            for spec in VIEWS {
                look(&ports, spec, &followed).await;
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    });
    views
}

async fn look(ports: &Ports, spec: &'static Spec, views: &Views) {
    match state(ports, spec).await {
        Ok(state) => views.publish(spec.name, state),
        Err(error) => {
            if let Some(known) = views.state(spec.name) {
                let health = Health::Paused(error.to_string());
                views.publish(spec.name, ViewState { health, ..known });
            }
        }
    }
}

async fn state(ports: &Ports, spec: &Spec) -> Result<ViewState, documents::Error> {
    let collection = (spec.collection)();
    let serving = ports.documents.serving(collection).await?;
    let checkpoint = match serving {
        Some(generation) => ports.documents.checkpoint(collection, generation).await?,
        None => None,
    };
    let generation = serving.unwrap_or(Generation(0));
    // After the checkpoint, which never passes an event before its document is stored as parked: so
    // whatever does not stand at this position is known to be parked.
    let parked = parked_ids(ports, spec, generation).await?;
    Ok(ViewState {
        generation,
        position: checkpoint.as_ref().map(Checkpoint::position).unwrap_or_default(),
        parts: Arc::default(),
        epoch: Epoch(checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.epoch)),
        recorded_at: None,
        parked: Arc::new(parked),
        health: if checkpoint.is_some() { Health::Live } else { Health::Starting },
    })
}

async fn parked_ids(
    ports: &Ports,
    spec: &Spec,
    generation: Generation,
) -> Result<BTreeSet<String>, documents::Error> {
    let parked = parked::list(&*ports.documents, spec.name).await?;
    let parked = parked.into_iter().filter(|document| document.generation == generation.0);
    Ok(parked.map(|document| document.key).collect())
}

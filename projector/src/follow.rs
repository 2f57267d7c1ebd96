//! The progress of views that another process runs, read from where that one stores it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::Epoch;
use storage::documents::{self, Checkpoint, Generation};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::progress::{Health, ViewState, Views};
use crate::registry::VIEWS;
use crate::{Ports, parked};

/// How often the views are looked at: what a waiting reader may lose.
const INTERVAL: Duration = Duration::from_millis(50);

/// Views whose state is read from the documents until `shutdown`. They are as live as their last
/// checkpoint.
#[must_use]
pub fn follow(ports: Ports, tracker: &TaskTracker, shutdown: CancellationToken) -> Views {
    let views = Views::default();
    let followed = views.clone();
    tracker.spawn(async move {
        loop {
            look(&ports, &followed).await;
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    });
    views
}

async fn look(ports: &Ports, views: &Views) {
    match states(ports).await {
        Ok(states) => states.into_iter().for_each(|(view, state)| views.publish(view, state)),
        Err(error) => {
            for (view, known) in views.states() {
                let health = Health::Paused(error.to_string());
                views.publish(view, ViewState { health, ..known });
            }
        }
    }
}

/// Of all views by two reads.
async fn states(ports: &Ports) -> Result<Vec<(&'static str, ViewState)>, documents::Error> {
    let mut serving = ports.documents.all_serving().await?;
    // After the checkpoints, none of which passes an event before its document is stored as parked: so
    // whatever does not stand at its view's position is known to be parked.
    let mut parked: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for document in parked::of_all_views(&*ports.documents).await? {
        let place = (document.view, Generation(document.generation));
        parked.entry(place).or_default().insert(document.key);
    }
    let states = VIEWS.iter().map(|spec| {
        let serving = serving.remove((spec.collection)().name);
        let generation = serving.as_ref().map_or(Generation(0), |serving| serving.generation);
        let parked = parked.remove(&(spec.name.to_owned(), generation)).unwrap_or_default();
        (spec.name, state(generation, serving.and_then(|serving| serving.checkpoint), parked))
    });
    Ok(states.collect())
}

fn state(
    generation: Generation,
    checkpoint: Option<Checkpoint>,
    parked: BTreeSet<String>,
) -> ViewState {
    ViewState {
        generation,
        position: checkpoint.as_ref().map(Checkpoint::position).unwrap_or_default(),
        parts: Arc::default(),
        epoch: Epoch(checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.epoch)),
        recorded_at: None,
        parked: Arc::new(parked),
        health: if checkpoint.is_some() { Health::Live } else { Health::Starting },
    }
}

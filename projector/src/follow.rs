//! The progress of views that another process runs, read from where that one stores it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::Epoch;
use storage::documents;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::progress::{Health, ViewState, Views};
use crate::registry::{Spec, VIEWS};
use crate::{Ports, parked};

/// How often checkpoints are looked at: what a waiting reader may lose.
const INTERVAL: Duration = Duration::from_millis(50);
/// Parked documents are looked up once in so many times.
const PARKED_EVERY: u32 = 20;

/// Views whose state is read from the documents until `shutdown`. They are as live as their last
/// checkpoint.
#[must_use]
pub fn follow(ports: Ports, tracker: &TaskTracker, shutdown: CancellationToken) -> Views {
    let views = Views::default();
    let followed = views.clone();
    tracker.spawn(async move {
        let mut round = 0_u32;
        loop {
            for spec in VIEWS {
                look(&ports, spec, &followed, round.is_multiple_of(PARKED_EVERY)).await;
            }
            round = round.wrapping_add(1);
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    });
    views
}

async fn look(ports: &Ports, spec: &'static Spec, views: &Views, with_parked: bool) {
    let known = views.state(spec.name);
    let parked = match known {
        Some(known) if !with_parked => Ok(known.parked),
        Some(_) | None => parked_ids(ports, spec).await.map(Arc::new),
    };
    let state = match parked {
        Ok(parked) => state(ports, spec, parked).await,
        Err(error) => Err(error),
    };
    match state {
        Ok(state) => views.publish(spec.name, state),
        Err(error) => {
            if let Some(known) = views.state(spec.name) {
                let health = Health::Paused(error.to_string());
                views.publish(spec.name, ViewState { health, ..known });
            }
        }
    }
}

async fn parked_ids(ports: &Ports, spec: &Spec) -> Result<BTreeSet<String>, documents::Error> {
    ports.documents.declare(&parked::COLLECTION, parked::GENERATION).await?;
    let serving = ports.documents.serving((spec.collection)()).await?.map(|serving| serving.0);
    let parked = parked::list(&*ports.documents, spec.name).await?;
    let parked = parked.into_iter().filter(|document| Some(document.generation) == serving);
    Ok(parked.map(|document| document.key).collect())
}

async fn state(
    ports: &Ports,
    spec: &Spec,
    parked: Arc<BTreeSet<String>>,
) -> Result<ViewState, documents::Error> {
    let collection = (spec.collection)();
    let serving = ports.documents.serving(collection).await?;
    let checkpoint = match serving {
        Some(generation) => ports.documents.checkpoint(collection, generation).await?,
        None => None,
    };
    Ok(ViewState {
        generation: serving.unwrap_or(documents::Generation(0)),
        position: checkpoint.as_ref().map(|checkpoint| checkpoint.position).unwrap_or_default(),
        epoch: Epoch(checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.epoch)),
        recorded_at: None,
        parked,
        health: if checkpoint.is_some() { Health::Live } else { Health::Starting },
    })
}

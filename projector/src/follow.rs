//! The progress of views that processes share, read from where it is stored. What this process works on
//! itself it knows sooner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::Epoch;
use storage::documents::{self, Checkpoint, Generation};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::progress::{Health, ViewState, Views, is_whole};
use crate::registry::VIEWS;
use crate::{Ports, parked};

/// How often the views are looked at: what a waiting reader may lose.
const INTERVAL: Duration = Duration::from_millis(50);

/// Views whose state is read from the documents until `shutdown`. They are as live as their last
/// checkpoint. `own` are those that this process works on.
#[must_use]
pub fn follow(
    ports: Ports,
    own: Option<&Views>,
    tracker: &TaskTracker,
    shutdown: CancellationToken,
) -> Views {
    let views = Views::default();
    for spec in VIEWS {
        let Some(states) = own.and_then(|own| own.subscribe(spec.name)) else { continue };
        let hearing = hear(spec.name, states, views.clone());
        tracker.spawn(shutdown.clone().run_until_cancelled_owned(hearing));
    }
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

/// While this process has all of a view, what it says of the documents that serve is the latest.
async fn hear(view: &'static str, mut own: watch::Receiver<ViewState>, views: Views) {
    while own.changed().await.is_ok() {
        let state = own.borrow_and_update().clone();
        let is_all = is_whole(&state.parts) && state.health == Health::Live;
        if is_all && views.generation(view) == Some(state.generation) {
            views.advance(view, state);
        }
    }
}

async fn look(ports: &Ports, views: &Views) {
    match states(ports).await {
        Ok(states) => states.into_iter().for_each(|(view, state)| views.advance(view, state)),
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
        parked: Arc::new(parked),
        health: if checkpoint.is_some() { Health::Live } else { Health::Starting },
    }
}

#[cfg(test)]
mod tests {
    use events_schema::envelope::Position;
    use storage::documents::Part;

    use super::*;

    fn at(position: u64, generation: u32, parts: &[u32]) -> ViewState {
        let part = |number| (Part { of: 2, number }, Position(position));
        let parts = Arc::new(parts.iter().copied().map(part).collect());
        let checkpoint =
            Checkpoint { generation: Generation(generation), parts: [].into(), epoch: 1 };
        let known = state(Generation(generation), Some(checkpoint), BTreeSet::new());
        ViewState { position: Position(position), parts, ..known }
    }

    #[tokio::test]
    async fn what_is_worked_on_here_alone_is_known_before_it_is_read() {
        let (own, views) = (Views::default(), Views::default());
        views.advance("order", at(1, 1, &[]));
        let hearing = hear("order", own.subscribe("order").unwrap(), views.clone());
        let telling = async {
            for (told, known) in [
                (at(3, 1, &[0, 1]), 3),
                // Others may be further behind.
                (at(4, 1, &[1]), 3),
                // Other documents serve.
                (at(5, 2, &[0, 1]), 3),
                (ViewState { health: Health::Elsewhere, ..at(6, 1, &[0, 1]) }, 3),
                (at(7, 1, &[0, 1]), 7),
            ] {
                own.publish("order", told);
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                assert_eq!(views.state("order").unwrap().position, Position(known));
            }
            // What was read a moment ago is older than what is known.
            views.advance("order", at(5, 1, &[]));
            assert_eq!(views.state("order").unwrap().position, Position(7));
            views.advance("order", at(5, 2, &[]));
            assert_eq!(views.state("order").unwrap().position, Position(5));
        };
        tokio::select! {
            () = telling => {}
            () = hearing => unreachable!("its states go on"),
        }
    }
}

//! What the process's health says: what makes it useless, and what makes it only worse.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use edge::health::{Finding, Health};
use projector::gauges::seconds_behind;
use projector::progress::{Health as ViewHealth, ViewState, Views};
use projector::view::View as _;
use projector::views::listing_search::ListingSearch;
use storage::documents::Generation;
use storage::event_log::SharedLog;
use storage::keys::seal::Sealer;
use storage::search::{self, Query, SharedSearch, Sort};
use storage::world::World;
use tokio::time::timeout;

use super::Roles;

/// Of what the process can do without: shorter than a check may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// A view that is further behind than this is told.
const LAG_SECONDS_MAX: i64 = 10;

/// The log answers, and every view follows it. Commands need no view: one that is paused takes no
/// command API out of service. `projected` are the views that this process works on: why one stands
/// still only they know, for the documents do not tell.
pub(super) fn of(
    roles: Roles,
    (log, views): (&SharedLog, &Views),
    projected: Option<&Views>,
    world: &World,
) -> Health {
    let of_log = {
        let log = log.clone();
        move || position(log.clone())
    };
    let health = Health::new().check("event_log", of_log);
    if !roles.queries && !roles.views {
        return health;
    }
    let check = |views: &Views| {
        let (log, views, world) = (log.clone(), views.clone(), world.clone());
        move || of_views(log.clone(), views.clone(), world.clone())
    };
    match projected.filter(|projected| !projected.is_same(views)) {
        Some(projected) => health.check("views", check(projected)).check("documents", check(views)),
        None => health.check("views", check(views)),
    }
}

/// Whether anything can be found. Pages and lists are served without it.
pub(super) fn of_search(health: Health, search: SharedSearch, views: Views) -> Health {
    health.check("search", move || {
        let (search, generation) = (search.clone(), views.generation(ListingSearch::NAME));
        let anything = Query::everything(Sort::Newest, 1);
        async move {
            let found = search.search(generation.unwrap_or(Generation(0)), &anything);
            match timeout(ANSWER_TIMEOUT, found).await {
                Ok(Ok(_)) => Finding::Well("answers".to_owned()),
                // Only of a view that nobody has made yet.
                Ok(Err(search::Error::Invalid(_))) => Finding::Well("empty".to_owned()),
                Ok(Err(_)) | Err(_) => {
                    Finding::Degraded("it does not answer: searches are refused".to_owned())
                }
            }
        }
    })
}

/// Whether what is personal can be read and taken. All else is served without it.
pub(super) fn of_keys(health: Health, sealer: Arc<Sealer>) -> Health {
    health.check("keys", move || {
        let sealer = Arc::clone(&sealer);
        async move {
            match timeout(ANSWER_TIMEOUT, sealer.check()).await {
                Ok(Ok(())) => Finding::Well("answer".to_owned()),
                Ok(Err(_)) | Err(_) => Finding::Degraded(
                    "they cannot be read: what is personal is neither taken nor shown".to_owned(),
                ),
            }
        }
    })
}

async fn position(log: SharedLog) -> Result<String, String> {
    let head = log.head().await.map_err(|error| error.to_string())?;
    Ok(format!("{}.{}", head.epoch.0, head.position))
}

async fn of_views(log: SharedLog, views: Views, world: World) -> Finding {
    let states = views.states();
    let live = states.iter().filter(|(_, state)| state.health == ViewHealth::Live);
    let last = live.min_by_key(|(_, state)| state.position);
    let seconds = match last {
        // A log that does not answer is another check's matter.
        Some((_, state)) => seconds_behind(&log, state.position, world.now()).await.unwrap_or(0),
        None => 0,
    };
    judge(&states, last.map_or("", |(name, _)| name), seconds)
}

/// `last` is the view that is furthest behind, by so many seconds.
fn judge(states: &BTreeMap<&'static str, ViewState>, last: &str, seconds: i64) -> Finding {
    let (mut failed, mut degraded) = (vec![], vec![]);
    for (name, state) in states {
        match &state.health {
            ViewHealth::Live => {}
            // What is to be said of it, those who work on it say.
            ViewHealth::Elsewhere => continue,
            // The documents from before go on to serve.
            ViewHealth::Rebuilding => degraded.push(format!("{name} is being rebuilt")),
            health @ (ViewHealth::Starting | ViewHealth::Paused(_) | ViewHealth::Stopped(_)) => {
                failed.push(format!("{name}: {health:?}"));
            }
        }
        if !state.parked.is_empty() {
            degraded.push(format!("{name}: {} documents parked", state.parked.len()));
        }
    }
    if seconds > LAG_SECONDS_MAX {
        degraded.push(format!("{last} is {seconds} s behind"));
    }
    let is_useless = !failed.is_empty();
    failed.extend(degraded);
    match (is_useless, failed.is_empty()) {
        (true, _) => Finding::Failed(failed.join("; ")),
        (false, false) => Finding::Degraded(failed.join("; ")),
        (false, true) => {
            let told = states.values().filter(|state| state.health != ViewHealth::Elsewhere);
            let lowest = told.map(|state| state.position).min().unwrap_or_default();
            Finding::Well(format!("at {lowest}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use command_api::execute::Executor;
    use events_schema::envelope::{Epoch, Position};
    use events_schema::time::Timestamp;
    use storage::event_log;
    use tokio_util::task::TaskTracker;

    use super::*;
    use crate::bootstrap;

    fn state(health: ViewHealth, parked: &[&str]) -> ViewState {
        ViewState {
            generation: Generation(1),
            position: Position(7),
            parts: Arc::default(),
            epoch: Epoch(1),
            parked: Arc::new(parked.iter().map(|id| (*id).to_owned()).collect()),
            health,
        }
    }

    fn judged(order: ViewState, seconds: i64) -> Finding {
        let stock = state(ViewHealth::Live, &[]);
        judge(&[("order", order), ("stock", stock)].into(), "order", seconds)
    }

    #[test]
    fn what_still_serves_is_degraded_and_what_does_not_has_failed() {
        let live = || state(ViewHealth::Live, &[]);
        assert_eq!(judged(live(), 10), Finding::Well("at 7".to_owned()));
        let elsewhere = state(ViewHealth::Elsewhere, &["a"]);
        assert_eq!(judged(elsewhere, 0), Finding::Well("at 7".to_owned()));
        assert_eq!(judged(live(), 11), Finding::Degraded("order is 11 s behind".to_owned()));
        let parked = state(ViewHealth::Live, &["a", "b"]);
        let both = "order: 2 documents parked; order is 60 s behind".to_owned();
        assert_eq!(judged(parked, 60), Finding::Degraded(both));
        let rebuilt = state(ViewHealth::Rebuilding, &[]);
        assert_eq!(judged(rebuilt, 0), Finding::Degraded("order is being rebuilt".to_owned()));
        let paused = || ViewHealth::Paused("no server".to_owned());
        for useless in [ViewHealth::Starting, paused(), ViewHealth::Stopped("bad event".to_owned())]
        {
            let finding = judged(state(useless, &["a"]), 60);
            let Finding::Failed(detail) = finding else { panic!("{finding:?}") };
            assert!(
                detail.ends_with("order: 1 documents parked; order is 60 s behind"),
                "{detail}"
            );
        }
    }

    #[tokio::test]
    async fn a_view_is_as_late_as_the_first_event_that_it_has_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("events.db").display());
        let world = World::simulated(1, Timestamp::EPOCH);
        event_log::migrate(&url).await.unwrap();
        let log = event_log::open(&url, world.clone()).await.unwrap();
        let executor = Executor::new(log.clone(), world.clone(), TaskTracker::new());
        assert_eq!(
            seconds_behind(&log, Position(0), world.now()).await.unwrap(),
            0,
            "nothing to see"
        );
        bootstrap::first_policies(&executor, &world).await.unwrap();
        world.advance_to(Timestamp::EPOCH.plus_seconds(60));
        assert_eq!(seconds_behind(&log, Position(0), world.now()).await.unwrap(), 60);
        let head = log.head().await.unwrap().position;
        assert_eq!(seconds_behind(&log, head, world.now()).await.unwrap(), 0);
    }
}

//! What operators see of each view: how far behind it is, whether it follows, what is parked.

use events_schema::envelope::Position;
use events_schema::time::Timestamp;

use crate::progress::{Health, ViewState};

/// Every state is shown, so that one that ends is seen to end.
const STATES: [&str; 5] = ["starting", "live", "rebuilding", "paused", "stopped"];

pub(crate) fn show(view: &'static str, state: &ViewState, head: Position, now: Timestamp) {
    let behind = head.0.saturating_sub(state.position.0);
    let since = state
        .recorded_at
        .filter(|_| behind > 0)
        .map_or(0, |recorded_at| now.micros_since(recorded_at).max(0) / 1_000_000);
    metrics::gauge!("view_lag_events", "view" => view).set(bounded(behind));
    metrics::gauge!("view_lag_seconds", "view" => view).set(bounded(since));
    metrics::gauge!("view_parked_documents", "view" => view).set(bounded(state.parked.len()));
    for name in STATES {
        let is_it = name == name_of(&state.health);
        metrics::gauge!("view_health", "view" => view, "state" => name).set(u8::from(is_it));
    }
}

const fn name_of(health: &Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Live => "live",
        Health::Rebuilding => "rebuilding",
        Health::Paused(_) => "paused",
        Health::Stopped(_) => "stopped",
    }
}

fn bounded(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

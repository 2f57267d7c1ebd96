//! What operators see of each view: how far behind it is, whether it follows, what is parked.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use storage::documents::Part;
use storage::event_log::{self, Filter, SharedLog};

use crate::progress::{Health, ViewState};
use crate::registry::Spec;
use crate::view::Order;

/// Every state is shown, so that one that ends is seen to end.
const STATES: [&str; 6] = ["starting", "live", "elsewhere", "rebuilding", "paused", "stopped"];

/// Positions that are looked up at one moment. A backlog is no reason to ask the log for more.
const READS_MAX: usize = 32;

/// How long the first event after this position has waited, in seconds.
///
/// # Errors
/// Where the log does not answer.
pub async fn seconds_behind(
    log: &SharedLog,
    position: Position,
    now: Timestamp,
) -> Result<i64, event_log::Error> {
    let page = log.read(position, &Filter::default(), 1).await?;
    let waits = page.events.first().map(|event| now.micros_since(event.recorded_at));
    Ok(waits.map_or(0, |micros| micros.max(0) / 1_000_000))
}

/// The log at one moment, and how late it is to stand at a position of it.
pub(crate) struct Lags<'a> {
    log: &'a SharedLog,
    now: Timestamp,
    head: Position,
    /// Views stand at the same positions: each is looked up once.
    known: BTreeMap<Position, i64>,
    is_silent: bool,
}

/// Events and seconds.
type Lag = (u64, i64);

impl<'a> Lags<'a> {
    pub(crate) const fn new(log: &'a SharedLog, now: Timestamp, head: Position) -> Self {
        Self { log, now, head, known: BTreeMap::new(), is_silent: false }
    }

    async fn of(&mut self, position: Position) -> Lag {
        let events = self.head.0.saturating_sub(position.0);
        if events == 0 {
            return (0, 0);
        }
        (events, self.seconds(position).await)
    }

    /// Where enough were looked up, or the log does not answer: as late as the next position before it.
    async fn seconds(&mut self, position: Position) -> i64 {
        if let Some(seconds) = self.known.get(&position) {
            return *seconds;
        }
        if !self.is_silent && self.known.len() < READS_MAX {
            match seconds_behind(self.log, position, self.now).await {
                Ok(seconds) => {
                    self.known.insert(position, seconds);
                    return seconds;
                }
                Err(_) => self.is_silent = true,
            }
        }
        self.known.range(..position).next_back().map_or(0, |(_, seconds)| *seconds)
    }

    /// Of a view with so many partitions. What others work on, they show: here it is not late.
    pub(crate) async fn show(&mut self, spec: &Spec, partitions: u32, state: &ViewState) {
        let view = spec.name;
        let is_elsewhere = state.health == Health::Elsewhere;
        let lag = if is_elsewhere { (0, 0) } else { self.of(state.position).await };
        metrics::gauge!("view_lag_events", "view" => view).set(bounded(lag.0));
        metrics::gauge!("view_lag_seconds", "view" => view).set(bounded(lag.1));
        if spec.order == Order::Key && partitions > 1 {
            for number in 0..partitions {
                let lag = match state.parts.get(&Part { of: partitions, number }) {
                    Some(position) => self.of(*position).await,
                    None => (0, 0),
                };
                let labels = [("view", view.to_owned()), ("partition", number.to_string())];
                metrics::gauge!("view_partition_lag_events", &labels).set(bounded(lag.0));
                metrics::gauge!("view_partition_lag_seconds", &labels).set(bounded(lag.1));
            }
        }
        metrics::gauge!("view_parked_documents", "view" => view).set(bounded(state.parked.len()));
        for name in STATES {
            let is_it = name == name_of(&state.health);
            metrics::gauge!("view_health", "view" => view, "state" => name).set(u8::from(is_it));
        }
    }
}

const fn name_of(health: &Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Live => "live",
        Health::Elsewhere => "elsewhere",
        Health::Rebuilding => "rebuilding",
        Health::Paused(_) => "paused",
        Health::Stopped(_) => "stopped",
    }
}

fn bounded(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

//! The relay: publishes the event log to Kafka, in its order.
//!
//! Of several processes one leads, by a lease; who takes over goes on where Kafka ends. Nothing waits
//! for it: while Kafka is away, appends go on and the backlog grows.

mod lead;

use std::time::Duration;

use storage::bus::kafka::Publisher;
use storage::event_log::SharedLog;
use storage::leases::{Lease, RENEWAL, SharedLeases};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::problem::Chain;

const LEASE: &str = "relay";
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What the relay of this process does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Another process leads, or none has been found out about yet.
    Waiting,
    Leading,
    /// It should lead and cannot: why. It tries again by itself.
    Troubled(String),
}

/// What it works on.
#[derive(Clone, Debug)]
pub struct Relay {
    pub log: SharedLog,
    pub publisher: Publisher,
    pub leases: SharedLeases,
    /// The name of this process, which no other has.
    pub holder: String,
}

impl Relay {
    /// Until `shutdown`; then what was handed to Kafka is waited for, and the lease given back.
    pub async fn run(self, state: watch::Sender<State>, shutdown: CancellationToken) {
        let mut pause = RENEWAL;
        while !shutdown.is_cancelled() {
            let asked_at = Instant::now();
            let held = self.leases.hold(&self.holder, &[LEASE.to_owned()]).await;
            let began = Instant::now();
            let ended = match held {
                Ok(leases) => match leases.into_iter().next() {
                    Some(lease) => self.lead((lease, asked_at), &state, &shutdown).await,
                    None => Ok(()),
                },
                Err(error) => Err(lead::Ended::from(error)),
            };
            // Whoever leads tells both.
            metrics::gauge!("relay_is_leader").set(0);
            metrics::gauge!("relay_backlog_events").set(0);
            match ended {
                Ok(()) => {
                    state.send_replace(State::Waiting);
                    pause = RENEWAL;
                }
                Err(ended) => {
                    let reason = Chain(&ended).to_string();
                    tracing::warn!(reason, "relay does not publish; trying again");
                    state.send_replace(State::Troubled(reason));
                    pause = if began.elapsed() > PAUSE_MAX {
                        RENEWAL
                    } else {
                        (pause * 2).min(PAUSE_MAX)
                    };
                }
            }
            shutdown.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    async fn lead(
        &self,
        (lease, held_at): (Lease, Instant),
        state: &watch::Sender<State>,
        shutdown: &CancellationToken,
    ) -> Result<(), lead::Ended> {
        tracing::info!(token = lease.token, published = lease.position.0, "relay leads");
        let ended = lead::Leader { relay: self, lease, held_at, state, shutdown }.publish().await;
        // Whoever is next need not wait for the lease to end.
        if let Err(error) = self.leases.release(&self.holder, &[LEASE.to_owned()]).await {
            tracing::warn!(error = %Chain(&error), "lease of the relay was not given back");
        }
        ended
    }
}

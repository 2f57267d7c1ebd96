//! Leading: one task publishes, one beside it keeps the lease and tells how far it is. When the lease
//! cannot be kept in time, both end.

use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use storage::bus::kafka::Publication;
use storage::leases::{LIFE, Lease, RENEWAL};
use storage::{bus, event_log, leases};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{LEASE, Relay, State};

/// How long what is on its way is waited for at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Kafka that has acknowledged nothing for so long, where something waits, is told as trouble.
const UNMOVED_SECONDS_MAX: u64 = 10;

/// Once it has caught up it looks at the log no more often than this: each look is a read of the log and a
/// request to Kafka, and whoever follows works as often.
const SPACING: Duration = Duration::from_millis(30);

/// Why it leads no longer, where it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error(transparent)]
    Bus(#[from] bus::Error),
    #[error(transparent)]
    Log(#[from] event_log::Error),
    #[error(transparent)]
    Leases(#[from] leases::Error),
    #[error("lease of the relay was lost")]
    LeaseLost,
    #[error("log has begun epoch {}", .0.0)]
    NewEpoch(Epoch),
}

pub(super) struct Leader<'a> {
    pub(super) relay: &'a Relay,
    pub(super) lease: Lease,
    /// When the lease was asked for: it lives from then on.
    pub(super) held_at: Instant,
    pub(super) state: &'a watch::Sender<State>,
    pub(super) shutdown: &'a CancellationToken,
}

impl Leader<'_> {
    /// Until `shutdown`, or until it may not or cannot go on.
    pub(super) async fn publish(&self) -> Result<(), Ended> {
        let epoch = self.relay.log.head().await?.epoch;
        let begun = self.relay.publisher.begin(epoch, self.lease.position);
        let acknowledged = watch::Sender::new(self.lease.position);
        let publishing = async {
            let Some(begun) = self.shutdown.run_until_cancelled(begun).await else { return Ok(()) };
            let mut publication = begun?;
            self.state.send_replace(State::Leading);
            metrics::gauge!("relay_is_leader").set(1);
            // Where more is on its way than Kafka takes, a step waits without end.
            let steps = async {
                loop {
                    self.step(&mut publication, &acknowledged).await?;
                }
            };
            if let Some(ended) = self.shutdown.run_until_cancelled(steps).await {
                return ended;
            }
            if let Ok(flushed) = tokio::time::timeout(FLUSH_TIMEOUT, publication.flush()).await {
                self.relay.leases.note(&self.lease, flushed?).await?;
            }
            Ok(())
        };
        tokio::select! {
            ended = publishing => ended,
            lost = self.keep(epoch, acknowledged.subscribe()) => Err(lost),
        }
    }

    async fn step(
        &self,
        publication: &mut Publication,
        acknowledged: &watch::Sender<Position>,
    ) -> Result<(), Ended> {
        let log = &self.relay.log;
        let (before, spaced) = (publication.sent(), Instant::now() + SPACING);
        if !publication.step(log).await? {
            let grown = log.wait_beyond(publication.sent());
            let _in_time = tokio::time::timeout_at(publication.next_watermark(), grown).await;
        }
        if !publication.reads_ahead() {
            tokio::time::sleep_until(spaced).await;
        }
        let published = publication.sent().0.saturating_sub(before.0);
        metrics::counter!("relay_published_total").increment(published);
        acknowledged.send_replace(publication.acknowledged()?);
        Ok(())
    }

    /// Holds the lease again and again; returns when it is lost.
    async fn keep(&self, epoch: Epoch, acknowledged: watch::Receiver<Position>) -> Ended {
        let mut valid_until = self.held_at + LIFE;
        let (mut moved, mut moved_at) = (*acknowledged.borrow(), self.held_at);
        let mut is_stuck = false;
        loop {
            tokio::time::sleep(RENEWAL).await;
            let asked_at = Instant::now();
            let position = *acknowledged.borrow();
            match tokio::time::timeout_at(valid_until, self.renew(epoch, position)).await {
                Ok(Ok(head)) => {
                    valid_until = asked_at + LIFE;
                    if position > moved || position >= head {
                        (moved, moved_at) = (position, asked_at);
                    }
                    // A client of Kafka waits without end and says nothing.
                    let seconds = asked_at.duration_since(moved_at).as_secs();
                    if seconds >= UNMOVED_SECONDS_MAX {
                        let why = format!("Kafka has acknowledged nothing for {seconds} s");
                        self.state.send_replace(State::Troubled(why));
                        is_stuck = true;
                    } else if is_stuck {
                        self.state.send_replace(State::Leading);
                        is_stuck = false;
                    }
                }
                Ok(Err(ended @ (Ended::LeaseLost | Ended::NewEpoch(_)))) => return ended,
                Ok(Err(ended)) => {
                    tracing::warn!(error = %ended, "lease of the relay was not held again yet");
                    if Instant::now() + RENEWAL >= valid_until {
                        return Ended::LeaseLost;
                    }
                }
                Err(_) => return Ended::LeaseLost,
            }
        }
    }

    /// Where the log ends.
    async fn renew(&self, epoch: Epoch, acknowledged: Position) -> Result<Position, Ended> {
        let held = self.relay.leases.hold(&self.relay.holder, &[LEASE.to_owned()]).await?;
        let is_kept = held.iter().any(|lease| lease.token == self.lease.token);
        if !is_kept || !self.relay.leases.note(&self.lease, acknowledged).await? {
            return Err(Ended::LeaseLost);
        }
        let head = self.relay.log.head().await?;
        if head.epoch != epoch {
            return Err(Ended::NewEpoch(head.epoch));
        }
        let backlog = head.position.0.saturating_sub(acknowledged.0);
        metrics::gauge!("relay_backlog_events").set(u32::try_from(backlog).unwrap_or(u32::MAX));
        Ok(head.position)
    }
}

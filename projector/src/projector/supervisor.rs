//! Owns the running workers: starts them, replaces them, and watches their lag.

mod share_out;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Projector;
use crate::gauges::Lags;
use crate::group::{Ground, Running};
use crate::progress::{Health, ViewState};
use crate::pump::{End, with_causes};
use crate::rebuild::{Error, build};
use crate::registry::{Spec, VIEWS};
use crate::share::Share;
use crate::worker::Command;

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Within this leases are renewed, and what has come to this process or gone from it is seen.
const INTERVAL: Duration = storage::leases::RENEWAL;
/// How long others may have to wait for the leases of a process that ends.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// A generation that has caught up takes the place of the one that serves.
#[derive(Debug)]
pub(super) struct TakeOver {
    pub(super) running: Running,
    pub(super) reply: oneshot::Sender<Result<(), Error>>,
}

#[derive(Debug)]
pub(super) struct Supervisor {
    projector: Projector,
    running: BTreeMap<&'static str, Running>,
    /// Views that this process builds anew.
    rebuilding: BTreeSet<&'static str>,
    share: Share,
    /// With a token for everything that was started since the last restart.
    ground: Ground,
}

impl Supervisor {
    pub(super) fn new(projector: Projector) -> Self {
        let ground = fresh(&projector.ground);
        let share = Share::new(&ground.ports, &ground.tracker);
        let (running, rebuilding) = (BTreeMap::new(), BTreeSet::new());
        Self { projector, running, rebuilding, share, ground }
    }

    pub(super) async fn run(
        mut self,
        mut orders: mpsc::Receiver<TakeOver>,
        mut ends: mpsc::Receiver<End>,
    ) {
        let shutdown = self.projector.ground.cancel.clone();
        let (mut next_at, mut pause) = (Instant::now(), PAUSE_MIN);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return self.leave().await,
                Some(order) = orders.recv() => self.obey(order).await,
                Some(end) = ends.recv() => match end {
                    End::NewEpoch => {
                        self.end_all().await;
                        next_at = Instant::now();
                    }
                    End::Shutdown | End::Stopped => {}
                },
                () = tokio::time::sleep_until(next_at) => {
                    let done = tokio::select! {
                        () = shutdown.cancelled() => return self.leave().await,
                        done = self.share_out() => done,
                    };
                    pause = match done {
                        Ok(()) => PAUSE_MIN,
                        Err(error) => self.tell(&error, pause),
                    };
                    self.look_at_parked();
                    self.watch().await;
                    let is_well = pause == PAUSE_MIN;
                    next_at = Instant::now() + if is_well { INTERVAL } else { pause };
                }
            }
        }
    }

    /// What does not run says why; the pause before the next try.
    fn tell(&self, error: &Error, pause: Duration) -> Duration {
        let reason = with_causes(error);
        tracing::warn!(reason, "some views cannot start yet");
        for spec in VIEWS {
            if !self.running.contains_key(spec.name) && !self.rebuilding.contains(spec.name) {
                self.set_health(spec, &Health::Paused(reason.clone()));
            }
        }
        (pause * 2).min(PAUSE_MAX)
    }

    async fn leave(mut self) {
        for running in std::mem::take(&mut self.running).into_values() {
            running.stop().await;
        }
        match tokio::time::timeout(LEAVE_TIMEOUT, self.share.leave()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "leases were not given back"),
            Err(_) => tracing::warn!("leases were not given back in time"),
        }
    }

    fn rebuild(&mut self, specs: Vec<&'static Spec>) {
        self.rebuilding.extend(specs.iter().map(|spec| spec.name));
        let (projector, ground) = (self.projector.clone(), self.ground.clone());
        ground.tracker.clone().spawn(async move {
            let mut pause = PAUSE_MIN;
            loop {
                let built = build(&ground, specs.clone());
                let done = match built.await {
                    Ok(built) => projector.take_over(built).await.map(|_| ()),
                    Err(error) => Err(error),
                };
                let Err(error) = done else { return };
                tracing::error!(reason = with_causes(&error), "views cannot be rebuilt yet");
                tokio::select! {
                    () = ground.cancel.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        });
    }

    async fn obey(&mut self, TakeOver { running, reply }: TakeOver) {
        let spec = running.spec;
        let answer = self.take_over(running).await;
        // Where that failed, what serves goes on with the next share.
        if self.rebuilding.remove(spec.name)
            && let Err(error) = self.share.done(spec.name).await
        {
            tracing::warn!(view = spec.name, %error, "others cannot rebuild it for a while");
        }
        let _ = reply.send(answer);
    }

    /// The log has a new epoch: what every view rests on is looked at again.
    async fn end_all(&mut self) {
        tracing::warn!("log has a new epoch: views look again what they rest on");
        self.ground.cancel.cancel();
        for running in std::mem::take(&mut self.running).into_values() {
            running.stop().await;
        }
        self.rebuilding.clear();
        self.ground = fresh(&self.projector.ground);
    }

    /// The old worker ends first, so that no reader has seen what the new documents lack.
    async fn take_over(&mut self, mut new: Running) -> Result<(), Error> {
        let (ports, views) = (&self.ground.ports, &self.projector.views);
        let view = new.spec.name;
        if let Some(old) = self.running.remove(view) {
            let reached = old.stop().await;
            let caught_up = new.reach(reached).await;
            caught_up.map_err(|reason| Error::Stopped { view, reason })?;
        }
        ports.documents.serve((new.spec.collection)(), new.generation).await?;
        let state = new.state.borrow().clone();
        views.publish(view, state);
        let publish = Command::Publish(views.clone());
        new.commands.send(publish).await.map_err(|_| Error::ShutDown)?;
        tracing::info!(view, generation = new.generation.0, "view serves another generation");
        self.running.insert(view, new);
        Ok(())
    }

    fn set_health(&self, spec: &Spec, health: &Health) {
        if let Some(state) = self.projector.views.state(spec.name) {
            self.projector.views.publish(spec.name, ViewState { health: health.clone(), ..state });
        }
    }

    fn look_at_parked(&self) {
        for running in self.running.values() {
            // One that is too busy looks the next time.
            let _ = running.commands.try_send(Command::LookAtParked);
        }
    }

    async fn watch(&self) {
        let ports = &self.ground.ports;
        let Ok(head) = ports.log.head().await else { return };
        let mut lags = Lags::new(&ports.log, ports.world.now(), head.position);
        for spec in VIEWS {
            if let Some(state) = self.projector.views.state(spec.name) {
                lags.show(spec, ports.bus.partitions(), &state).await;
            }
        }
    }
}

/// The same ground with a token of its own.
fn fresh(ground: &Ground) -> Ground {
    Ground { cancel: ground.cancel.child_token(), ..ground.clone() }
}

//! Owns the running workers: starts them, replaces them, and watches their lag.

use std::collections::BTreeMap;
use std::time::Duration;

use storage::documents::Generation;
use storage::event_log::Head;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Projector;
use crate::group::{self, Ground, Running};
use crate::progress::{Health, ViewState};
use crate::pump::{End, with_causes};
use crate::rebuild::{Error, build};
use crate::registry::{Spec, VIEWS};
use crate::worker::{Begin, Command, Unparked};
use crate::{gauges, generations};

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) enum Order {
    Unpark {
        view: &'static str,
        id: String,
        reply: oneshot::Sender<Result<Unparked, String>>,
    },
    /// A generation that has caught up takes the place of the one that serves.
    TakeOver {
        running: Running,
        reply: oneshot::Sender<Result<(), Error>>,
    },
}

#[derive(Debug)]
pub(super) struct Supervisor {
    projector: Projector,
    running: BTreeMap<&'static str, Running>,
    /// With a token for everything that was started since the last restart.
    ground: Ground,
}

/// How a view starts.
enum Start {
    Live(Begin),
    /// Beside the generation that serves.
    Rebuild(&'static Spec),
}

impl Supervisor {
    pub(super) fn new(projector: Projector) -> Self {
        let ground = fresh(&projector.ground);
        Self { projector, running: BTreeMap::new(), ground }
    }

    pub(super) async fn run(
        mut self,
        mut orders: mpsc::Receiver<Order>,
        mut ends: mpsc::Receiver<End>,
    ) {
        let shutdown = self.projector.ground.cancel.clone();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = self.start() => {}
        }
        let mut watch_at = Instant::now();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                Some(order) = orders.recv() => self.obey(order).await,
                Some(end) = ends.recv() => match end {
                    End::NewEpoch => self.restart().await,
                    End::Shutdown | End::Stopped => {}
                },
                () = tokio::time::sleep_until(watch_at) => {
                    self.watch().await;
                    watch_at = Instant::now() + WATCH_INTERVAL;
                }
            }
        }
    }

    /// Starts every view, once what it needs answers.
    async fn start(&mut self) {
        let mut pause = PAUSE_MIN;
        while let Err(error) = self.try_start().await {
            let reason = with_causes(&error);
            tracing::warn!(reason, "views cannot start yet");
            for spec in VIEWS {
                self.set_health(spec, &Health::Paused(reason.clone()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn try_start(&mut self) -> Result<(), Error> {
        let head = self.ground.ports.log.head().await?;
        let (mut plain, mut searched, mut stale) = (vec![], vec![], vec![]);
        for spec in VIEWS {
            match self.plan(spec, head).await? {
                Start::Live(begin) if spec.searched => searched.push(begin),
                Start::Live(begin) => plain.push(begin),
                Start::Rebuild(spec) => stale.push(spec),
            }
        }
        // A search that is down holds up only what needs it.
        for begins in [plain, searched] {
            self.start_group(begins);
        }
        if !stale.is_empty() {
            self.rebuild(stale);
        }
        Ok(())
    }

    async fn plan(&self, spec: &'static Spec, head: Head) -> Result<Start, Error> {
        let ports = &self.ground.ports;
        let collection = (spec.collection)();
        let serving = ports.documents.serving(collection).await?;
        let (generation, is_new) = match serving {
            Some(serving) => (serving, false),
            None => (generations::first(spec), true),
        };
        if is_new {
            generations::remove(ports, spec, generation).await?;
        }
        let checkpoint = ports.documents.checkpoint(collection, generation).await?;
        let is_lost = checkpoint.is_some_and(|checkpoint| {
            checkpoint.epoch != head.epoch.0 || checkpoint.position > head.position
        });
        if is_lost || !generations::is_current(spec, generation) {
            tracing::warn!(
                view = spec.name,
                is_lost,
                "view is rebuilt: it is of another version, or of a history that the log lost"
            );
            self.stand_still(spec, generation, head).await?;
            return Ok(Start::Rebuild(spec));
        }
        if spec.searched {
            ports.search.declare(generation).await?;
        }
        let views = Some(self.projector.views.clone());
        let place = (head.epoch, head.position);
        let begin = group::begin(ports, spec, generation, place, views).await?;
        if is_new {
            ports.documents.serve(collection, generation).await?;
        }
        Ok(Start::Live(begin))
    }

    /// What a view says while only its old documents are there.
    async fn stand_still(
        &self,
        spec: &'static Spec,
        generation: Generation,
        head: Head,
    ) -> Result<(), Error> {
        let place = (head.epoch, head.position);
        let begin = group::begin(&self.ground.ports, spec, generation, place, None).await?;
        let state = ViewState {
            generation,
            position: events_schema::envelope::Position(0),
            epoch: head.epoch,
            recorded_at: None,
            parked: begin.parked.ids(),
            health: Health::Rebuilding,
        };
        self.projector.views.publish(spec.name, state);
        Ok(())
    }

    fn start_group(&mut self, begins: Vec<Begin>) {
        if begins.is_empty() {
            return;
        }
        let running = group::start(&self.ground, begins);
        self.running.extend(running.into_iter().map(|running| (running.spec.name, running)));
    }

    fn rebuild(&self, specs: Vec<&'static Spec>) {
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

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Unpark { view, id, reply } => {
                // A worker that is too busy answers by hanging up.
                if let Some(running) = self.running.get(view) {
                    let _ = running.commands.try_send(Command::Unpark { id, reply });
                }
            }
            Order::TakeOver { running, reply } => {
                let spec = running.spec;
                let answer = self.take_over(running).await;
                if answer.is_err() && !self.running.contains_key(spec.name) {
                    self.revive(spec).await;
                }
                let _ = reply.send(answer);
            }
        }
    }

    /// The log has a new epoch: looks again what every view rests on.
    async fn restart(&mut self) {
        tracing::warn!("log has a new epoch: views look again what they rest on");
        self.ground.cancel.cancel();
        for running in std::mem::take(&mut self.running).into_values() {
            running.stop().await;
        }
        self.ground = fresh(&self.projector.ground);
        self.start().await;
    }

    /// Goes on with the generation that serves.
    async fn revive(&mut self, spec: &'static Spec) {
        let planned = match self.ground.ports.log.head().await {
            Ok(head) => self.plan(spec, head).await,
            Err(error) => Err(error.into()),
        };
        match planned {
            Ok(Start::Live(begin)) => self.start_group(vec![begin]),
            Ok(Start::Rebuild(spec)) => self.rebuild(vec![spec]),
            Err(error) => {
                let reason = with_causes(&error);
                tracing::error!(view = spec.name, reason, "view cannot go on");
                self.set_health(spec, &Health::Stopped(reason));
            }
        }
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

    async fn watch(&self) {
        let Ok(head) = self.ground.ports.log.head().await else { return };
        let now = self.ground.ports.world.now();
        for (view, state) in self.projector.views.states() {
            gauges::show(view, &state, head.position, now);
        }
    }
}

/// The same ground with a token of its own.
fn fresh(ground: &Ground) -> Ground {
    Ground { cancel: ground.cancel.child_token(), ..ground.clone() }
}

//! Starts and ends workers, so that what runs is what this process has leases for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events_schema::envelope::Position;
use storage::documents::{Generation, Part};
use storage::event_log::Head;

use super::Supervisor;
use crate::generations;
use crate::group::{self, Work};
use crate::progress::{Health, ViewState};
use crate::rebuild::Error;
use crate::registry::{Spec, VIEWS};
use crate::worker::Begin;

/// How a view starts.
enum Start {
    Live(Box<Begin>),
    /// Beside the generation that serves.
    Rebuild,
    /// Another process prepares it, or it is a newer program's.
    Elsewhere,
}

impl Supervisor {
    /// Takes this process's share. What cannot start now does not hold up the rest.
    ///
    /// # Errors
    /// The last thing that went wrong; it is tried again.
    pub(super) async fn share_out(&mut self) -> Result<(), Error> {
        let share = self.share.take().await?;
        let mut starting = vec![];
        for spec in VIEWS {
            let parts = share.get(spec.name).cloned().unwrap_or_default();
            if !self.fits(spec, &parts).await? {
                starting.push((spec, parts));
            }
        }
        for (spec, _) in &starting {
            if let Some(running) = self.running.remove(spec.name) {
                running.stop().await;
            }
        }
        self.share.keep_only(&share).await?;
        if starting.is_empty() { Ok(()) } else { self.start_all(starting).await }
    }

    /// Whether what runs of a view is what should run of it.
    async fn fits(&self, spec: &'static Spec, parts: &BTreeSet<Part>) -> Result<bool, Error> {
        let Some(running) = self.running.get(spec.name) else { return Ok(false) };
        if running.parts != *parts {
            return Ok(false);
        }
        let serving = self.ground.ports.documents.serving((spec.collection)()).await?;
        Ok(serving == Some(running.generation))
    }

    async fn start_all(
        &mut self,
        starting: Vec<(&'static Spec, BTreeSet<Part>)>,
    ) -> Result<(), Error> {
        let head = self.ground.ports.log.head().await?;
        let (mut groups, mut stale, mut done) = (BTreeMap::new(), vec![], Ok(()));
        for (spec, parts) in starting {
            match self.plan(spec, parts, head).await {
                Ok(Start::Live(begin)) => {
                    let group: &mut Vec<_> = groups.entry((spec.rank, spec.searched)).or_default();
                    group.push(*begin);
                }
                Ok(Start::Rebuild) => stale.push(spec),
                Ok(Start::Elsewhere) => {}
                Err(error) => done = Err(error),
            }
        }
        // What waits, for a higher rank or for a search that is down, holds up only its like.
        for begins in groups.into_values() {
            self.start_group(begins);
        }
        if !stale.is_empty() {
            self.rebuild(stale);
        }
        done
    }

    async fn plan(
        &self,
        spec: &'static Spec,
        parts: BTreeSet<Part>,
        head: Head,
    ) -> Result<Start, Error> {
        let ports = &self.ground.ports;
        let collection = (spec.collection)();
        let serving = ports.documents.serving(collection).await?;
        let generation = serving.unwrap_or(generations::first(spec));
        if generations::is_newer(spec, generation) {
            self.stand_aside(spec);
            return Ok(Start::Elsewhere);
        }
        let checkpoint = ports.documents.checkpoint(collection, generation).await?;
        let is_lost = serving.is_some()
            && checkpoint.is_some_and(|checkpoint| {
                checkpoint.epoch != head.epoch.0 || checkpoint.position() > head.position
            });
        if is_lost || !generations::is_current(spec, generation) {
            // Old documents serve on, save where they may hold what never was.
            let lost =
                || Health::Paused("it rests on what the log lost, and is rebuilt".to_owned());
            let health = if is_lost { lost() } else { Health::Rebuilding };
            self.stand_still(spec, generation, (head, health)).await?;
            let is_mine = self.rebuilding.contains(spec.name);
            if !self.share.alone(spec.name).await? || is_mine {
                return Ok(Start::Elsewhere);
            }
            tracing::warn!(
                view = spec.name,
                is_lost,
                "view is rebuilt: it is of another version, or of a history that the log lost"
            );
            return Ok(Start::Rebuild);
        }
        if serving.is_none() && !self.begin_first(spec, generation).await? || parts.is_empty() {
            self.stand_aside(spec);
            return Ok(Start::Elsewhere);
        }
        if spec.searched {
            ports.search.declare(generation).await?;
        }
        let (views, tenure) = (Some(self.projector.views.clone()), self.share.tenure());
        let work = Work { parts, views, tenure };
        let place = (head.epoch, head.position);
        let begin = group::begin(ports, (spec, generation), place, work).await?;
        Ok(Start::Live(Box::new(begin)))
    }

    /// Makes the first generation of a view, which one process does; false where another does.
    async fn begin_first(
        &self,
        spec: &'static Spec,
        generation: Generation,
    ) -> Result<bool, Error> {
        if !self.share.alone(spec.name).await? {
            return Ok(false);
        }
        let ports = &self.ground.ports;
        // What an earlier try may have left.
        generations::remove(ports, spec, generation).await?;
        if spec.searched {
            ports.search.declare(generation).await?;
        }
        ports.documents.declare((spec.collection)(), generation).await?;
        ports.documents.serve((spec.collection)(), generation).await?;
        self.share.done(spec.name).await?;
        Ok(true)
    }

    /// What a view says of which this process does nothing.
    fn stand_aside(&self, spec: &Spec) {
        if let Some(state) = self.projector.views.state(spec.name) {
            let (parts, parked) = (Arc::default(), Arc::default());
            let aside = ViewState { parts, parked, health: Health::Elsewhere, ..state };
            self.projector.views.publish(spec.name, aside);
        }
    }

    /// What a view says while only its old documents are there.
    async fn stand_still(
        &self,
        spec: &'static Spec,
        generation: Generation,
        (head, health): (Head, Health),
    ) -> Result<(), Error> {
        let ports = &self.ground.ports;
        let parked = crate::parked::Parked::load(&*ports.documents, spec.name, generation).await?;
        let state = ViewState {
            generation,
            position: Position(0),
            parts: Arc::default(),
            epoch: head.epoch,
            parked: parked.ids(),
            health,
        };
        self.projector.views.publish(spec.name, state);
        Ok(())
    }

    fn start_group(&mut self, begins: Vec<Begin>) {
        let running = group::start(&self.ground, begins);
        self.running.extend(running.into_iter().map(|running| (running.spec.name, running)));
    }
}

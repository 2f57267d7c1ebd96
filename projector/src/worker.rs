//! The one writer of one generation of a view: folds batches, and stores documents with their
//! positions and the checkpoint in one write.

mod due;
mod letters;
mod orders;
mod progress;
mod store;
mod traced;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use events_schema::Event;
use events_schema::envelope::{Epoch, Position, Recorded};
use storage::documents::Generation;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Ports;
use crate::fold::Fold;
use crate::parked::Parked;
use crate::precedence::Claim;
use crate::progress::{Health, ViewState, Views};
use crate::pump::{Batch, Message};
use crate::registry::Spec;
use crate::share::Tenure;
use crate::view::Order;

use self::letters::Copying;
pub(crate) use self::orders::Command;
pub(crate) use self::progress::Parts;
use self::progress::Progress;
pub(crate) use self::store::Failure;
use self::traced::Traced;
use self::writing::Writing;

/// After so long without an event, documents at hand are let go.
const IDLE: Duration = Duration::from_secs(5);
/// Events folded before other tasks get their turn.
const SLICE: usize = 256;

#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) spec: &'static Spec,
    pub(crate) generation: Generation,
    pub(crate) epoch: Epoch,
    pub(crate) ports: Ports,
    fold: Box<dyn Fold>,
    parked: Parked,
    progress: Progress,
    /// What is folded and not stored yet.
    traced: Traced,
    /// While it is behind this position it catches up in bulk.
    bulk_until: Position,
    /// When what has been gathered is written at the latest.
    deadline: Option<Instant>,
    /// What has left the fold and is not stored yet.
    writing: Option<Writing>,
    health: Health,
    state: watch::Sender<ViewState>,
    views: Option<Views>,
    tenure: Tenure,
    claim: Claim,
    copying: Option<Copying>,
    tracker: TaskTracker,
    cancel: CancellationToken,
}

/// Where a worker begins.
#[derive(Debug)]
pub(crate) struct Begin {
    pub(crate) spec: &'static Spec,
    pub(crate) generation: Generation,
    pub(crate) epoch: Epoch,
    /// Its parts of the view, and after which position each begins.
    pub(crate) parts: Parts,
    /// Nothing is stored yet.
    pub(crate) is_empty: bool,
    pub(crate) bulk_until: Position,
    pub(crate) parked: Parked,
    /// The states that it speaks for, where it serves.
    pub(crate) views: Option<Views>,
    /// Until when it may write.
    pub(crate) tenure: Tenure,
}

impl Worker {
    pub(crate) fn new(
        ports: Ports,
        begin: Begin,
        claim: Claim,
        (tracker, cancel): (TaskTracker, CancellationToken),
    ) -> Self {
        let Begin { spec, generation, epoch, parts, is_empty, bulk_until, mut parked, .. } = begin;
        if ports.bus.letters().is_some() {
            parked.keep_letters();
        }
        let Begin { views, tenure, .. } = begin;
        let progress = Progress::new(parts);
        let health = Health::Starting;
        let state = watch::Sender::new(ViewState {
            generation,
            position: progress.applied(),
            parts: progress.stored_parts(),
            epoch,
            parked: parked.ids(),
            health: health.clone(),
        });
        let mut fold = (spec.fold)();
        if is_empty {
            fold.begin_empty();
        }
        let worker = Self {
            spec,
            generation,
            epoch,
            ports,
            fold,
            parked,
            progress,
            traced: Traced::default(),
            bulk_until,
            deadline: None,
            writing: None,
            health,
            state,
            views,
            tenure,
            claim,
            copying: None,
            tracker,
            cancel,
        };
        worker.publish();
        worker
    }

    pub(crate) fn state(&self) -> watch::Receiver<ViewState> {
        self.state.subscribe()
    }

    /// Runs until it is cancelled or cannot go on; then everything folded is stored, if it can be.
    pub(crate) async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        mut commands: mpsc::Receiver<Command>,
    ) {
        let ended = loop {
            let wake_at = self.deadline.unwrap_or_else(|| Instant::now() + IDLE);
            let done = tokio::select! {
                biased;
                () = self.cancel.cancelled() => break None,
                Some(command) = commands.recv() => self.obey(command).await,
                outcome = writing::end(&mut self.writing) => self.go_on(outcome).await,
                message = messages.recv() => match message {
                    Some(message) => self.hear(message, messages.is_empty()).await,
                    None => break None,
                },
                () = tokio::time::sleep_until(wake_at) => self.wake().await,
            };
            if let Err(failure) = done {
                break Some(failure);
            }
        };
        self.show_letters(0);
        match ended {
            Some(Failure::Stopped(reason)) => {
                tracing::error!(view = self.spec.name, reason, "view is stopped");
                self.turn(Health::Stopped(reason));
            }
            // Something is not stored that no checkpoint may cover.
            Some(Failure::Cancelled) => {}
            None => {
                if let Err(error) = self.store_at_end().await {
                    tracing::warn!(view = self.spec.name, %error, "last batch was not stored");
                }
            }
        }
    }

    async fn hear(&mut self, message: Message, is_last: bool) -> Result<(), Failure> {
        match message {
            Message::Paused(reason) => {
                self.turn(Health::Paused(reason));
                Ok(())
            }
            Message::Stopped(reason) => {
                self.store().await?;
                Err(Failure::Stopped(reason))
            }
            Message::Batch(batch) => {
                self.claim.set_behind(true);
                self.cancel.run_until_cancelled(self.claim.give_way()).await;
                self.apply(batch).await?;
                self.turn(Health::Live);
                self.store_if_due().await?;
                self.claim.set_behind(!is_last || self.is_in_bulk());
                Ok(())
            }
        }
    }

    async fn apply(&mut self, batch: Batch) -> Result<(), Failure> {
        let mine;
        let events = match self.spec.order {
            Order::Log => &batch.merged,
            Order::Key if self.progress.is_whole() => &batch.arrived,
            Order::Key => {
                mine = Arc::new(self.progress.mine(&batch));
                &mine
            }
        };
        // What the checkpoint covers is in the documents.
        let known = self.progress.stored();
        let mut applied = 0;
        for slice in events.chunks(SLICE) {
            self.fold_in(slice, known).await?;
            applied += slice.iter().filter(|event| event.position > known).count();
            tokio::task::yield_now().await;
        }
        let applied = u64::try_from(applied).unwrap_or(u64::MAX);
        metrics::counter!("view_applied_total", "view" => self.spec.name).increment(applied);
        match self.spec.order {
            Order::Log => self.progress.reach_all(batch.watermark),
            Order::Key => self.progress.reach(&batch.complete),
        }
        Ok(())
    }

    async fn fold_in(
        &mut self,
        events: &[Arc<Recorded<Event>>],
        after: Position,
    ) -> Result<(), Failure> {
        let missing = self.fold.take(events, after);
        if !missing.is_empty() {
            let found = self.fetch(&missing).await?;
            let unreadable = |error| Failure::Stopped(format!("document cannot be read: {error}"));
            self.fold.load(found).map_err(unreadable)?;
        }
        self.trace(events);
        self.parked.tell_time(self.ports.world.now());
        self.fold.run(events, &mut self.parked);
        match self.parked.overfull() {
            Some(id) => Err(Failure::Stopped(format!("too many events wait for parked {id}"))),
            None => Ok(()),
        }
    }
}

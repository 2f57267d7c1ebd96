//! Letters of what queues behind parked documents.
//!
//! Nothing waits for them. A task beside the worker copies one event after the other, so that those of
//! a document keep their order; the stored entry of a parked document names the events whose letters are
//! not out yet, and forgets one only after it is durable where letters go. So each event is copied at
//! least once, also when the document flows again meanwhile, and again where the process dies before it
//! has noted that. While letters cannot be sent they wait, and whoever works on the part next sends them.

use std::sync::Arc;

use events_schema::envelope::{Epoch, Position};
use storage::bus::letters::{Letter, SharedLetters};
use storage::event_log::SharedLog;
use tokio::task::JoinHandle;

use super::{Failure, Worker};
use crate::parked::Waiting;
use crate::pump::with_causes;

/// Letters sent between two looks.
const LETTERS_MAX: usize = 1_000;

/// Sends letters, and says of which documents which are out.
pub(super) type Copying = JoinHandle<Option<Vec<(String, Vec<Position>)>>>;

/// What is the same for all letters of a worker.
struct Desk {
    log: SharedLog,
    letters: SharedLetters,
    view: &'static str,
    generation: u32,
    epoch: Epoch,
}

impl Worker {
    /// Notes which letters are out and begins to send more: of events up to where the checkpoint is, for
    /// up to there nothing can queue up before them any more.
    pub(super) async fn look_at_letters(&mut self) -> Result<(), Failure> {
        let Some(letters) = self.ports.bus.letters() else { return Ok(()) };
        if let Some(copying) = self.copying.take_if(|copying| copying.is_finished()) {
            for (key, positions) in copying.await.ok().flatten().unwrap_or_default() {
                self.parked.copied(&key, &positions);
            }
        }
        self.show_letters(self.parked.letters());
        if self.copying.is_some() {
            return Ok(());
        }
        let mut waiting = self.parked.waiting(self.progress.stored(), LETTERS_MAX);
        let first = |waiting: &Waiting| waiting.positions.first().copied();
        let mine = self.mine(waiting.iter().filter_map(first).collect()).await?;
        waiting.retain(|waiting| first(waiting).is_some_and(|first| mine.contains(&first)));
        if !waiting.is_empty() {
            let (log, view) = (Arc::clone(&self.ports.log), self.spec.name);
            let (generation, epoch) = (self.generation.0, self.epoch);
            let desk = Desk { log, letters, view, generation, epoch };
            let copying = self.cancel.clone().run_until_cancelled_owned(desk.copy_all(waiting));
            self.copying = Some(self.tracker.spawn(copying));
        }
        Ok(())
    }

    pub(super) fn show_letters(&self, waiting: usize) {
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        metrics::gauge!("view_letters_waiting", "view" => self.spec.name).set(waiting);
    }
}

impl Desk {
    /// Until one cannot be sent.
    async fn copy_all(self, waiting: Vec<Waiting>) -> Vec<(String, Vec<Position>)> {
        let mut copied = vec![];
        for waiting in waiting {
            let mut out = vec![];
            let done = self.copy(&waiting, &mut out).await;
            let count = u64::try_from(out.len()).unwrap_or(u64::MAX);
            metrics::counter!("view_letters_total", "view" => self.view).increment(count);
            copied.push((waiting.key, out));
            if let Err(reason) = done {
                tracing::warn!(view = self.view, reason, "letters are not out yet");
                break;
            }
        }
        copied
    }

    async fn copy(&self, waiting: &Waiting, out: &mut Vec<Position>) -> Result<(), String> {
        let Waiting { key, code, reason, positions } = waiting;
        while let Some(rest) = positions.get(out.len()..).filter(|rest| !rest.is_empty()) {
            for event in &self.log.read_at(rest).await.map_err(|error| with_causes(&error))? {
                let letter = Letter {
                    view: self.view,
                    generation: self.generation,
                    document: key,
                    code: code.as_str(),
                    error: reason,
                    epoch: self.epoch,
                    event,
                };
                let sent = self.letters.copy(letter).await;
                sent.map_err(|error| with_causes(&error))?;
                out.push(event.position);
            }
        }
        Ok(())
    }
}

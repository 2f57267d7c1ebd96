//! How far a worker is with each of its parts: folded, and durable; and what it tells of that.

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use storage::bus::Starts;
use storage::documents::Part;

use super::Worker;
use crate::progress::{Health, ViewState, is_whole};
use crate::pump::Batch;

/// After which position each part begins.
pub(crate) type Parts = BTreeMap<Part, Position>;

#[derive(Debug)]
pub(super) struct Progress {
    applied: Parts,
    stored: Parts,
}

impl Progress {
    pub(super) fn new(parts: Parts) -> Self {
        Self { applied: parts.clone(), stored: parts }
    }

    pub(super) fn is_whole(&self) -> bool {
        is_whole(&self.applied)
    }

    /// Whether this partition, of all that the bus has, is among its parts.
    pub(super) fn has(&self, number: u32) -> bool {
        let of = self.applied.keys().next().map_or(1, |part| part.of);
        self.applied.contains_key(&Part { of, number })
    }

    /// Up to where every part is folded.
    pub(super) fn applied(&self) -> Position {
        self.applied.values().min().copied().unwrap_or_default()
    }

    /// Up to where every part is in the documents.
    pub(super) fn stored(&self) -> Position {
        self.stored.values().min().copied().unwrap_or_default()
    }

    pub(super) fn stored_parts(&self) -> Arc<Parts> {
        Arc::new(self.stored.clone())
    }

    /// Whether nothing is folded beyond these positions, or what is stored.
    pub(super) fn is_as_far_as(&self, sent: Option<&Parts>) -> bool {
        self.applied == *sent.unwrap_or(&self.stored)
    }

    /// What a checkpoint has to say.
    pub(super) fn to_store(&self) -> Parts {
        self.applied.clone()
    }

    pub(super) fn is_stored(&mut self, parts: Parts) {
        self.stored = parts;
    }

    /// Those of the events that belong to its parts.
    pub(super) fn mine(&self, batch: &Batch) -> Vec<Arc<Recorded<Event>>> {
        let arrived = batch.arrived.iter().zip(batch.partitions.iter());
        arrived
            .filter(|(_, number)| self.has(**number))
            .map(|(event, _)| Arc::clone(event))
            .collect()
    }

    pub(super) fn reach(&mut self, complete: &Starts) {
        for (part, applied) in &mut self.applied {
            if let Some(position) = complete.get(&part.number) {
                *applied = (*position).max(*applied);
            }
        }
    }

    pub(super) fn reach_all(&mut self, position: Position) {
        self.applied.values_mut().for_each(|applied| *applied = position.max(*applied));
    }
}

impl Worker {
    pub(super) fn turn(&mut self, health: Health) {
        if self.health != health {
            self.health = health;
            self.publish();
        }
    }

    /// Only what is in the documents, or stored as parked, counts as reached.
    pub(super) fn publish(&self) {
        let is_stored = !self.has_news() && self.writing.is_none();
        let progress = &self.progress;
        let state = ViewState {
            generation: self.generation,
            position: if is_stored { progress.applied() } else { progress.stored() },
            parts: progress.stored_parts(),
            epoch: self.epoch,
            parked: self.parked.ids(),
            health: self.health.clone(),
        };
        self.state.send_replace(state.clone());
        if let Some(views) = &self.views {
            views.publish(self.spec.name, state);
        }
    }
}

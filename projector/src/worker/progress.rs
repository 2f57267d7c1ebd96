//! How far a worker is with each of its parts: folded, and durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use storage::bus::Starts;
use storage::documents::Part;

use crate::pump::Batch;

/// After which position each part begins.
pub(crate) type Parts = BTreeMap<Part, Position>;

#[derive(Debug)]
pub(super) struct Progress {
    applied: Parts,
    stored: Parts,
    /// Whether it has every part of the division that it is in.
    is_whole: bool,
}

impl Progress {
    pub(super) fn new(parts: Parts) -> Self {
        let of = parts.keys().next().and_then(|part| usize::try_from(part.of).ok());
        Self { is_whole: of == Some(parts.len()), applied: parts.clone(), stored: parts }
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.is_whole
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

    pub(super) fn is_unsaved(&self) -> bool {
        self.applied != self.stored
    }

    /// What a checkpoint has to say.
    pub(super) fn to_store(&self) -> Parts {
        self.applied.clone()
    }

    pub(super) fn is_stored(&mut self) {
        self.stored.clone_from(&self.applied);
    }

    /// Those of the events that belong to its parts.
    pub(super) fn mine(&self, batch: &Batch) -> Vec<Arc<Recorded<Event>>> {
        let of = self.applied.keys().next().map_or(1, |part| part.of);
        let is_mine = |number: u32| self.applied.contains_key(&Part { of, number });
        let arrived = batch.arrived.iter().zip(batch.partitions.iter());
        arrived
            .filter(|(_, number)| is_mine(**number))
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

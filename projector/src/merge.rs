//! Merges what partitions bring: by position up to the lowest watermark, with no hole.

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};

/// The most events that wait for a partition that lags behind the others.
pub(crate) const WAITING_MAX: usize = 262_144;

#[derive(Debug)]
pub(crate) struct Merge {
    waiting: BTreeMap<Position, Arc<Recorded<Event>>>,
    watermarks: Vec<Position>,
    merged: Position,
}

/// An event that every partition claims to have delivered never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("position {0} was never delivered")]
pub(crate) struct Hole(pub(crate) Position);

impl Merge {
    pub(crate) fn new(partitions: u32, after: Position) -> Self {
        let watermarks = (0..partitions).map(|_| after).collect();
        Self { waiting: BTreeMap::new(), watermarks, merged: after }
    }

    /// Every event up to here was merged: whoever delivers it again tells nothing new.
    pub(crate) const fn merged(&self) -> Position {
        self.merged
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() > WAITING_MAX
    }

    pub(crate) fn event(&mut self, event: Arc<Recorded<Event>>) {
        self.waiting.insert(event.position, event);
    }

    pub(crate) fn watermark(&mut self, partition: u32, position: Position) {
        let slot = usize::try_from(partition).ok().and_then(|index| self.watermarks.get_mut(index));
        if let Some(known) = slot {
            *known = position.max(*known);
        }
    }

    /// What may be applied now, in the log's order.
    pub(crate) fn advance(&mut self) -> Result<Vec<Arc<Recorded<Event>>>, Hole> {
        let lowest = self.watermarks.iter().min().copied().unwrap_or(self.merged);
        let later = self.waiting.split_off(&lowest.next());
        let ready = std::mem::replace(&mut self.waiting, later);
        let mut events = Vec::with_capacity(ready.len());
        for (position, event) in ready {
            if position != self.merged.next() {
                return Err(Hole(self.merged.next()));
            }
            self.merged = position;
            events.push(event);
        }
        if self.merged < lowest { Err(Hole(self.merged.next())) } else { Ok(events) }
    }
}

#[cfg(test)]
mod tests;

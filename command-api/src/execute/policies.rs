//! Policies, read at most once a minute: they are announced at least five minutes before they hold,
//! so a decision need not make them a condition.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use super::batch::Folded;

const MICROS_MAX: i64 = 60_000_000;

#[derive(Default)]
pub(super) struct Policies(Mutex<HashMap<StreamId, (Timestamp, Folded)>>);

impl Policies {
    pub(super) fn get(&self, stream: StreamId, now: Timestamp) -> Option<Folded> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, folded) = known.get(&stream)?;
        (now.micros_since(*read_at) < MICROS_MAX).then(|| folded.clone())
    }

    pub(super) fn put(&self, stream: StreamId, now: Timestamp, folded: Folded) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(stream, (now, folded));
    }

    /// What this process itself has recorded, it knows at once.
    pub(super) fn forget_written(&self, states: &[(StreamId, Folded)]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (stream, _) in states {
            known.remove(stream);
        }
    }
}

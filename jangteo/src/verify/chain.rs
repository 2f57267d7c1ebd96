//! The log itself: hashes, positions, versions, times.

use std::collections::HashMap;

use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use storage::event_log;

use super::{Finding, Findings};

/// What the next event must follow. Holds one entry a stream.
#[derive(Debug)]
pub(super) struct Chain {
    position: Position,
    recorded_at: Timestamp,
    streams: HashMap<StreamId, (Version, PartitionKey)>,
}

impl Chain {
    pub(super) fn new() -> Self {
        let recorded_at = Timestamp::from_unix_micros(i64::MIN);
        Self { position: Position(0), recorded_at, streams: HashMap::new() }
    }

    pub(super) fn check(&mut self, event: &Recorded<Payload>, findings: &mut Findings) {
        let mut find = |what: String| findings.push(Finding::at(event.position, what));
        let (meta, expected) = (&event.meta, self.position.next());
        if event.position != expected {
            find(format!("position {expected} is missing"));
        }
        if !event_log::verify(event) {
            find(format!("{} of {} is not what was written", meta.event_type, meta.stream));
        }
        if event.recorded_at < self.recorded_at {
            find("was recorded before the event in front of it".to_owned());
        }
        let new = || (Version(0), meta.partition_key.clone());
        let (version, key) = self.streams.entry(meta.stream).or_insert_with(new);
        if meta.version != version.next() {
            let (stream, found, expected) = (meta.stream, meta.version, version.next());
            find(format!("{stream} goes on with version {found}, not {expected}"));
        }
        if meta.partition_key != *key {
            find(format!("{} left its partition", meta.stream));
        }
        *version = meta.version;
        (self.position, self.recorded_at) = (event.position, event.recorded_at);
    }

    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }
}

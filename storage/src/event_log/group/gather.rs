//! Which of the waiting units can go into one batch.

use std::collections::{HashMap, HashSet, VecDeque};

use events_schema::stream::StreamId;

use super::Waiting;
use crate::event_log::seal::{Sealed, Touched};

/// The most commands and bytes of one batch; a unit that is larger goes alone.
pub(super) const BATCH_COMMANDS_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 1 << 20;
/// The most waiting units that are looked at for one batch.
const LOOKED_AT_MAX: usize = 1_024;

/// What units touch.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    /// Readers and writers of each stream.
    streams: HashMap<StreamId, (u32, u32)>,
    keys: HashSet<(String, String)>,
}

fn keys(unit: &Sealed) -> impl Iterator<Item = (String, String)> {
    unit.commands.iter().map(|command| (command.principal.clone(), command.intent.key.clone()))
}

impl Footprint {
    pub(super) fn add(&mut self, unit: &Sealed) {
        for stream in &unit.streams {
            let (readers, writers) = self.streams.entry(stream.id).or_default();
            if stream.events > 0 { *writers += 1 } else { *readers += 1 }
        }
        self.keys.extend(keys(unit));
    }

    pub(super) fn remove(&mut self, unit: &Sealed) {
        for stream in &unit.streams {
            if let Some((readers, writers)) = self.streams.get_mut(&stream.id) {
                if stream.events > 0 {
                    *writers -= 1
                } else {
                    *readers -= 1
                }
                if (*readers, *writers) == (0, 0) {
                    self.streams.remove(&stream.id);
                }
            }
        }
        for key in keys(unit) {
            self.keys.remove(&key);
        }
    }

    /// Whether `unit` writes what these touch, touches what these write, or shares a key.
    fn meets(&self, unit: &Sealed) -> bool {
        let meets = |stream: &Touched| {
            self.streams
                .get(&stream.id)
                .is_some_and(|(_, writers)| *writers > 0 || stream.events > 0)
        };
        unit.streams.iter().any(meets)
            || (!self.keys.is_empty() && keys(unit).any(|key| self.keys.contains(&key)))
    }
}

/// Takes the units of the next batch, in the order of arrival. What meets something in flight, in
/// the batch, or passed over before it, waits for its turn.
pub(super) fn gather(waiting: &mut VecDeque<Waiting>, in_flight: &Footprint) -> Vec<Waiting> {
    let mut batch = Vec::new();
    let mut passed = VecDeque::new();
    let mut before = Footprint::default();
    let mut versions = HashMap::new();
    let (mut commands, mut bytes) = (0, 0);
    for _ in 0..LOOKED_AT_MAX.min(waiting.len()) {
        let Some(next) = waiting.pop_front() else { break };
        let fits = batch.is_empty()
            || (commands + next.unit.commands.len() <= BATCH_COMMANDS_MAX
                && bytes + next.unit.bytes <= BATCH_BYTES_MAX);
        if !fits {
            waiting.push_front(next);
            break;
        }
        // Within a batch a stream has one version: of two that differ one has lost, which the log
        // alone can tell.
        let agrees = next.unit.streams.iter().all(|stream| {
            versions.get(&stream.id).is_none_or(|expected| *expected == stream.expected)
        });
        let free = agrees && !in_flight.meets(&next.unit) && !before.meets(&next.unit);
        before.add(&next.unit);
        if free {
            commands += next.unit.commands.len();
            bytes += next.unit.bytes;
            versions.extend(next.unit.streams.iter().map(|stream| (stream.id, stream.expected)));
            batch.push(next);
        } else {
            passed.push_back(next);
        }
    }
    while let Some(next) = passed.pop_back() {
        waiting.push_front(next);
    }
    batch
}

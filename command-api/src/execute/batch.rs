//! The states that commands of one unit read and changed, on top of what is durable.

use std::any::Any;
use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use events_schema::envelope::{Position, Version};
use events_schema::stream::StreamId;
use storage::event_log::{Command, Intent, Unit};

use super::Executed;
use super::decide::Freshness;
use crate::problem::CommandError;

/// An aggregate's state, whatever its type.
pub(super) type State = Arc<dyn Any + Send + Sync>;
/// Events still to be folded into a state.
pub(super) type Fold = Box<dyn FnOnce(State) -> State + Send + Sync>;

/// A state and the version it was folded up to.
#[derive(Clone)]
pub(super) struct Folded {
    pub(super) version: Version,
    pub(super) state: State,
}

/// Where a state was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Log,
    Cache,
}

struct Entry {
    condition: Version,
    folded: Folded,
    source: Source,
}

pub(super) type Decision = Result<Accepted, CommandError>;

/// A command that was decided: its place among the commands of the unit, what it writes to, and its
/// answer.
pub(super) struct Accepted {
    index: usize,
    streams: Vec<StreamId>,
    body: Vec<u8>,
}

/// A command's row and events, and the states they lead to.
pub(super) struct Written {
    pub(super) command: Command,
    pub(super) changes: BTreeMap<StreamId, (Version, Vec<Fold>)>,
}

pub(super) struct Batch {
    pub(super) freshness: Freshness,
    entries: BTreeMap<StreamId, Entry>,
    /// Read by the command that is being decided, and by none before it.
    read_now: Vec<StreamId>,
    commands: Vec<Command>,
}

impl Batch {
    pub(super) fn new(freshness: Freshness) -> Self {
        Self { freshness, entries: BTreeMap::new(), read_now: Vec::new(), commands: Vec::new() }
    }

    pub(super) fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }

    pub(super) fn has_key_of(&self, intent: &Intent) -> bool {
        let mut intents = self.commands.iter().map(|command| &command.intent);
        intents.any(|other| other.key == intent.key && other.principal == intent.principal)
    }

    pub(super) fn rests_on_cache(&self) -> bool {
        self.entries.values().any(|entry| entry.source == Source::Cache)
    }

    /// The stock of a listing is what many commands meet at.
    pub(super) fn hot_stream(&self) -> Option<StreamId> {
        self.entries.keys().find(|stream| matches!(stream, StreamId::Inventory(_))).copied()
    }

    pub(super) fn get(&self, stream: StreamId) -> Option<&Folded> {
        self.entries.get(&stream).map(|entry| &entry.folded)
    }

    pub(super) fn insert(&mut self, stream: StreamId, folded: Folded, source: Source) {
        let entry = Entry { condition: folded.version, folded, source };
        self.entries.insert(stream, entry);
        self.read_now.push(stream);
    }

    /// Takes a decided command in: the next one reads what this one leads to.
    pub(super) fn accept(&mut self, written: Written) -> Accepted {
        self.read_now.clear();
        let streams = written.changes.keys().copied().collect();
        for (stream, (version, folds)) in written.changes {
            if let Some(Entry { folded, .. }) = self.entries.get_mut(&stream) {
                let state = mem::replace(&mut folded.state, Arc::new(()));
                folded.state = folds.into_iter().fold(state, |state, fold| fold(state));
                folded.version = version;
            }
        }
        let body = written.command.answer.clone();
        let accepted = Accepted { index: self.commands.len(), streams, body };
        self.commands.push(written.command);
        accepted
    }

    /// The command was refused. What it alone read, straight from the log, needs no condition.
    pub(super) fn dismiss_reads(&mut self) {
        for stream in mem::take(&mut self.read_now) {
            if self.entries.get(&stream).is_some_and(|entry| entry.source == Source::Log) {
                self.entries.remove(&stream);
            }
        }
    }

    pub(super) fn into_unit(self) -> (Unit, Vec<(StreamId, Folded)>) {
        let conditions =
            self.entries.iter().map(|(stream, entry)| (*stream, entry.condition)).collect();
        let states =
            self.entries.into_iter().map(|(stream, entry)| (stream, entry.folded)).collect();
        (Unit { conditions, commands: self.commands }, states)
    }
}

/// The outcomes of a unit that was written with these positions.
pub(super) fn settle(
    decisions: Vec<Decision>,
    positions: &[Position],
) -> Vec<Result<Executed, CommandError>> {
    let settle_one = |decision: Decision| {
        let Accepted { index, streams, body } = decision?;
        let position = positions.get(index).copied().ok_or(CommandError::TaskFailed)?;
        Ok(Executed { body, position, streams, repeated: false })
    };
    decisions.into_iter().map(settle_one).collect()
}

//! What a command wants to write, until it is sealed into a row and events.

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Actor, Meta, Role, Version};
use events_schema::ids::{CorrelationId, PersonId};
use events_schema::stream::{PartitionKey, StreamId};
use storage::event_log::{Command, NewEvent};
use storage::world::World;

use super::batch::{Fold, Folded, State, Written};
use super::{Aggregate, Body, Submission};
use crate::problem::CommandError;

/// Events in the order in which they were decided.
#[derive(Default)]
pub(super) struct Staged {
    events: Vec<(StreamId, Version, Event)>,
    changes: BTreeMap<StreamId, Change>,
    role: Option<Role>,
    on_behalf_of: Option<PersonId>,
}

impl Staged {
    pub(super) fn act_as(&mut self, role: Role) {
        self.role = Some(role);
    }

    pub(super) fn act_for(&mut self, person_id: PersonId) {
        self.on_behalf_of = Some(person_id);
    }

    /// Adds events to a stream that was read at `read_at`. Its new version.
    pub(super) fn push<D: Aggregate>(
        &mut self,
        stream: StreamId,
        read_at: Version,
        events: Vec<D::Event>,
    ) -> Version {
        if events.is_empty() {
            return self.changes.get(&stream).map_or(read_at, |change| change.version);
        }
        let unchanged = || Change { version: read_at, state: None, folds: Vec::new() };
        let change = self.changes.entry(stream).or_insert_with(unchanged);
        for event in &events {
            change.version = change.version.next();
            self.events.push((stream, change.version, event.clone().into()));
        }
        change.folds.push(fold::<D>(events));
        change.version
    }

    /// A stream as it was read, with what this command has added.
    pub(super) fn view(&mut self, stream: StreamId, read: &Folded) -> Folded {
        match self.changes.get_mut(&stream) {
            None => read.clone(),
            Some(change) => change.view(&read.state),
        }
    }

    /// Gives the events their envelopes and the command its row.
    pub(super) fn seal(
        self,
        world: &World,
        submission: &Submission,
        Body(answer): Body,
    ) -> Result<Written, CommandError> {
        let Submission { intent, context, .. } = submission;
        let trade = self.events.iter().find_map(|(_, _, event)| event.checkout_id());
        let correlation_id = context.correlation_id.unwrap_or_else(|| {
            let of_command = || context.command_id.as_uuid();
            CorrelationId::new(trade.map_or_else(of_command, |checkout_id| checkout_id.as_uuid()))
        });
        let actor = match (&context.actor, self.role) {
            (Actor::Person { person_id, .. }, Some(role)) => {
                Actor::Person { person_id: *person_id, role }
            }
            (actor, _) => actor.clone(),
        };
        let mut events = Vec::with_capacity(self.events.len());
        for (index, (stream, version, event)) in self.events.into_iter().enumerate() {
            let payload = event.encode().map_err(CommandError::bug)?;
            let meta = Meta {
                stream,
                version,
                partition_key: PartitionKey::of(stream, &event),
                event_id: context.event_id(world, index),
                event_type: event.event_type().into(),
                schema_version: event.schema_version(),
                occurred_at: context.occurred_at,
                actor: actor.clone(),
                on_behalf_of: self.on_behalf_of.or(context.on_behalf_of),
                origin: context.origin,
                command_id: context.command_id,
                correlation_id,
                causation_id: context.causation_id,
                trace_context: context.trace_context.clone(),
            };
            events.push(NewEvent { meta, payload });
        }
        let changes =
            self.changes.into_iter().map(|(stream, change)| (stream, change.into_folds()));
        let command = Command { intent: intent.clone(), answer, events };
        Ok(Written { command, changes: changes.collect() })
    }
}

/// A stream's new version. Its state is folded when it is asked for: at the latest when the next
/// command reads it, when nobody else holds the old one and nothing need be copied.
struct Change {
    version: Version,
    state: Option<State>,
    folds: Vec<Fold>,
}

impl Change {
    fn view(&mut self, base: &State) -> Folded {
        let state = self.state.take().unwrap_or_else(|| Arc::clone(base));
        let state = self.folds.drain(..).fold(state, |state, fold| fold(state));
        self.state = Some(Arc::clone(&state));
        Folded { version: self.version, state }
    }

    fn into_folds(self) -> (Version, Vec<Fold>) {
        let replace = self.state.map(|state| -> Fold { Box::new(move |_| state) });
        (self.version, replace.into_iter().chain(self.folds).collect())
    }
}

fn fold<D: Aggregate>(events: Vec<D::Event>) -> Fold {
    Box::new(move |state: State| match state.downcast::<D>() {
        Ok(state) => Arc::new(events.iter().fold(Arc::unwrap_or_clone(state), D::evolve)),
        Err(state) => state,
    })
}

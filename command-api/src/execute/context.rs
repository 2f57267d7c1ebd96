//! The circumstances of a command, as its events record them.

use events_schema::envelope::{Actor, CausationId, Origin};
use events_schema::ids::{CommandId, CorrelationId, EventId, PersonId};
use events_schema::time::Timestamp;
use storage::world::World;
use uuid::Uuid;

/// Who sent the command, by which door, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub actor: Actor,
    pub on_behalf_of: Option<PersonId>,
    pub origin: Origin,
    pub command_id: CommandId,
    /// `None`: the trade that the events belong to, or else the command.
    pub correlation_id: Option<CorrelationId>,
    pub causation_id: Option<CausationId>,
    /// W3C `traceparent`.
    pub trace_context: Option<String>,
    /// When it happened in the world. Rules are held against `now`.
    pub occurred_at: Timestamp,
    pub now: Timestamp,
}

impl Context {
    /// Of a command that is meant and happens now, and that nothing else caused.
    #[must_use]
    pub fn new(actor: Actor, origin: Origin, command_id: CommandId, now: Timestamp) -> Self {
        Self {
            actor,
            on_behalf_of: None,
            origin,
            command_id,
            correlation_id: None,
            causation_id: None,
            trace_context: None,
            occurred_at: now,
            now,
        }
    }

    /// Fresh where people act; derived from the command where it may be run again from its source,
    /// so that every run gives the same ids.
    pub(super) fn uuid(&self, world: &World, what: &str, index: usize) -> Uuid {
        match self.origin {
            Origin::Http | Origin::Operator => world.uuid(),
            Origin::Import | Origin::Process => {
                Uuid::new_v5(&self.command_id.as_uuid(), format!("{what}/{index}").as_bytes())
            }
        }
    }

    pub(super) fn event_id(&self, world: &World, index: usize) -> EventId {
        EventId::new(self.uuid(world, "event", index))
    }
}

//! A parcel. The seller registers it; all else is scanned by a carrier.
//!
//! ```text
//! Absent ──register──▶ Registered ──▶ PickedUp ──▶ InTransit ──▶ Delivered
//!                                                      └───────▶ Lost
//! ```
//! Scans may skip steps and come late or out of order; the status moves forward only, and the first
//! end stands.

mod evolve;
mod observe;
mod register;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::collections::BTreeSet;

use events_schema::anomaly::Anomaly;
use events_schema::stream::StreamId;

use crate::decider::{Decider, Refusal, RefusalKind};
use crate::ids::{ObservationId, ShipmentId};
use crate::trade::Trade;

pub use observe::{Observation, Scan, Scanned};
pub use register::Register;

pub use events_schema::shipment::{Event, Registered};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shipment {
    #[default]
    Absent,
    Known(Box<Known>),
}

/// Where a parcel is, in the order in which it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Registered,
    PickedUp,
    InTransit,
    Delivered,
    Lost,
}

impl Status {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::PickedUp => "picked_up",
            Self::InTransit => "in_transit",
            Self::Delivered => "delivered",
            Self::Lost => "lost",
        }
    }

    #[must_use]
    pub const fn is_end(self) -> bool {
        match self {
            Self::Delivered | Self::Lost => true,
            Self::Registered | Self::PickedUp | Self::InTransit => false,
        }
    }
}

/// What later rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub status: Status,
    /// `None` while only scans speak of it.
    pub registered: Option<Registered>,
    pub seen: BTreeSet<ObservationId>,
    pub anomalies: Vec<Anomaly>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Register(Register),
}

/// A rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The trade is somebody else's.
    #[error("order does not exist")]
    NotFound,
    #[error("only the seller may do this")]
    OnlySeller,
    #[error("shipment exists already, with other contents")]
    AlreadyRegistered,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "order_not_found",
            Self::OnlySeller => "only_seller",
            Self::AlreadyRegistered => "shipment_already_registered",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::OnlySeller => RefusalKind::Rule,
            Self::AlreadyRegistered => RefusalKind::Conflict,
        }
    }
}

impl Decider for Shipment {
    type Id = ShipmentId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: ShipmentId) -> StreamId {
        StreamId::Shipment(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Shipment(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Register(command) => register::decide(self, command),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        evolve::evolve(self, event)
    }
}

impl Shipment {
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        match self {
            Self::Absent => None,
            Self::Known(known) => Some(known.status),
        }
    }
}

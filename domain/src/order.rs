//! An order: what one buyer buys from one seller.
//!
//! ```text
//! Absent ──place──▶ Placed ──pay──▶ Paid ──prepare──▶ Preparing ──ship──▶ Shipped ──deliver──▶ Delivered ──confirm──▶ Confirmed
//!                     │               ├───────────────ship──────────────────▲
//!                     └───────────────┴──────cancel──────┴──▶ Cancelled
//! ```
//! What was observed may skip steps and come late; the status then moves forward only, and a
//! cancelled order stays cancelled.

mod by;
mod cancel;
mod confirm;
mod deliver;
mod evolve;
mod observe;
mod pay;
mod place;
mod prepare;
mod price;
mod ship;
mod stock;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::collections::BTreeSet;

use events_schema::anomaly::Anomaly;
use events_schema::stream::StreamId;

use crate::decider::{Decider, Refusal, RefusalKind};
use crate::ids::{ListingId, OrderId, ShipmentId};
use crate::money::{self, Money};
use crate::trade::Trade;

pub use by::By;
pub use cancel::Cancel;
pub use confirm::Confirm;
pub use deliver::Deliver;
pub use events_schema::order::{CancelReason, Event, Line, Placed, Status};
pub use observe::{Fact, Instants, Observation};
pub use pay::Pay;
pub use place::Place;
pub use prepare::Prepare;
pub use price::{Offer, Priced, price};
pub use ship::Ship;
pub use stock::stock_lines;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Absent,
    Known(Box<Known>),
}

/// What later rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub trade: Trade,
    pub status: Status,
    /// Every step that was recorded: observed ones need not come in order.
    pub steps: BTreeSet<Status>,
    pub lines: Vec<Line>,
    /// `None` while only observations speak of an order that nobody placed.
    pub total: Option<Money>,
    pub shipment_id: Option<ShipmentId>,
    pub anomalies: Vec<Anomaly>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Place(Box<Place>),
    Pay(Pay),
    Prepare(Prepare),
    Ship(Ship),
    Deliver(Deliver),
    Confirm(Confirm),
    Cancel(Cancel),
}

/// A rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("order does not exist")]
    NotFound,
    #[error("only the seller may do this")]
    OnlySeller,
    #[error("only the buyer may do this")]
    OnlyBuyer,
    #[error("this reason is not yours to give")]
    ReasonNotAllowed,
    #[error("order exists already, with other contents")]
    AlreadyPlaced,
    #[error("order is not paid")]
    NotPaid,
    #[error("order was already shipped")]
    AlreadyShipped,
    #[error("order is not shipped")]
    NotShipped,
    #[error("order is not delivered")]
    NotDelivered,
    #[error("order is cancelled")]
    AlreadyCancelled,
    #[error("order has no line")]
    NoLines,
    #[error("order has more than {} lines", events_schema::order::LINES_MAX)]
    TooManyLines,
    #[error("an option of a listing stands on two lines")]
    DuplicateLine,
    #[error("more pieces on one line than allowed")]
    QuantityTooLarge,
    #[error("amounts are in different currencies")]
    MixedCurrencies,
    #[error("amount is too large")]
    AmountTooLarge,
    #[error("price would fall below zero")]
    PriceBelowZero,
    #[error("amounts do not add up")]
    SumsDiffer,
    #[error("fee and its tax are more than the items cost")]
    FeeExceedsItems,
    #[error("amount is not the order's total")]
    AmountDiffers,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "order_not_found",
            Self::OnlySeller => "only_seller",
            Self::OnlyBuyer => "only_buyer",
            Self::ReasonNotAllowed => "cancel_reason_not_allowed",
            Self::AlreadyPlaced => "order_already_placed",
            Self::NotPaid => "order_not_paid",
            Self::AlreadyShipped => "order_already_shipped",
            Self::NotShipped => "order_not_shipped",
            Self::NotDelivered => "order_not_delivered",
            Self::AlreadyCancelled => "order_cancelled",
            Self::NoLines => "order_without_lines",
            Self::TooManyLines => "order_lines_too_many",
            Self::DuplicateLine => "order_line_duplicate",
            Self::QuantityTooLarge => "quantity_too_large",
            Self::MixedCurrencies => "currency_mismatch",
            Self::AmountTooLarge => "amount_too_large",
            Self::PriceBelowZero => "price_below_zero",
            Self::SumsDiffer => "order_sums_differ",
            Self::FeeExceedsItems => "fee_exceeds_items",
            Self::AmountDiffers => "order_amount_differs",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::AlreadyPlaced
            | Self::NotPaid
            | Self::AlreadyShipped
            | Self::NotShipped
            | Self::NotDelivered
            | Self::AlreadyCancelled => RefusalKind::Conflict,
            Self::OnlySeller
            | Self::OnlyBuyer
            | Self::ReasonNotAllowed
            | Self::NoLines
            | Self::TooManyLines
            | Self::DuplicateLine
            | Self::QuantityTooLarge
            | Self::MixedCurrencies
            | Self::AmountTooLarge
            | Self::PriceBelowZero
            | Self::SumsDiffer
            | Self::FeeExceedsItems
            | Self::AmountDiffers => RefusalKind::Rule,
        }
    }
}

impl From<money::Error> for Rejection {
    fn from(error: money::Error) -> Self {
        match error {
            money::Error::CurrencyMismatch => Self::MixedCurrencies,
            money::Error::Overflow | money::Error::Malformed => Self::AmountTooLarge,
            money::Error::Negative => Self::PriceBelowZero,
        }
    }
}

impl Decider for Order {
    type Id = OrderId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: OrderId) -> StreamId {
        StreamId::Order(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Order(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Place(command) => place::decide(self, *command),
            Command::Pay(command) => pay::decide(self, command),
            Command::Prepare(command) => prepare::decide(self, command),
            Command::Ship(command) => ship::decide(self, command),
            Command::Deliver(command) => deliver::decide(self, command),
            Command::Confirm(command) => confirm::decide(self, command),
            Command::Cancel(command) => cancel::decide(self, command),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        evolve::evolve(self, event)
    }
}

impl Order {
    /// The order, if it exists and `by` is a party to its trade.
    fn open_to(&self, by: By) -> Result<&Known, Rejection> {
        match self {
            Self::Known(known) if by.is_party_to(&known.trade) => Ok(known),
            Self::Absent | Self::Known(_) => Err(Rejection::NotFound),
        }
    }

    /// The trade, once it is known.
    #[must_use]
    pub const fn trade(&self) -> Option<&Trade> {
        match self {
            Self::Absent => None,
            Self::Known(known) => Some(&known.trade),
        }
    }

    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        match self {
            Self::Absent => None,
            Self::Known(known) => Some(known.status),
        }
    }

    /// The listings whose stock it took, each once.
    #[must_use]
    pub fn listings(&self) -> BTreeSet<ListingId> {
        match self {
            Self::Absent => BTreeSet::new(),
            Self::Known(known) => known.lines.iter().map(|line| line.listing_id).collect(),
        }
    }
}

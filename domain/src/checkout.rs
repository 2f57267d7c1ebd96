//! A checkout: what one buyer pays at once, for one or more orders, one per seller.
//!
//! ```text
//! Absent ──open──▶ Open ──the last share is captured, or its order cancelled──▶ Paid
//!                   └──cancel, the last order is cancelled, every tender declined──▶ Cancelled
//!
//! tender: Announced ──authorise──▶ Authorised ──capture──▶ Captured
//!             ├─────────────────capture──────────────────────▲  ▲
//!             ├──decline──▶ Declined ──authorise, capture (a second try)
//!             └──payment_unknown──▶ Unknown ──authorise, capture, decline (the answer)
//! ```

pub mod allocate;
mod authorise;
mod cancel;
mod capture;
mod decline;
mod evolve;
mod lose_payment;
mod observe;
mod open;
mod reduce;
mod rejection;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::collections::{BTreeMap, BTreeSet};

use events_schema::anomaly::Anomaly;
use events_schema::checkout::Cancelled;
use events_schema::stream::StreamId;

use crate::decider::Decider;
use crate::ids::{CheckoutId, OrderId, PersonId, TenderId};
use crate::money::Money;
use crate::order::Placed;
use crate::text::Code;
use crate::time::Timestamp;
use crate::trade::Tender;

pub use authorise::Authorise;
pub use cancel::Cancel;
pub use capture::Capture;
pub use decline::Decline;
pub use lose_payment::LosePayment;
pub use observe::{Fact, Observation};
pub use open::Open;
pub use reduce::Reduce;
pub use rejection::Rejection;

pub use events_schema::checkout::{DeclineReason, EndReason, Event, Opened, Share};

/// The most orders that are paid at once.
pub const ORDERS_MAX: usize = 50;
/// The most tenders of one payment.
pub const TENDERS_MAX: usize = 10;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Checkout {
    #[default]
    Absent,
    Known(Box<Known>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    /// Every order has all of its money.
    Paid,
    Cancelled,
}

/// What later rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub status: Status,
    /// What each order costs. Empty where nothing is known of any.
    pub shares: Vec<Share>,
    /// Orders that were cancelled before all was paid: nothing is asked for them any more.
    pub cancelled_orders: BTreeSet<OrderId>,
    /// What each order has got so far.
    pub allocated: BTreeMap<OrderId, Money>,
    pub tenders: BTreeMap<TenderId, TenderState>,
    /// `None` while only reports speak of a checkout that nobody opened.
    pub pay_until: Option<Timestamp>,
    /// It comes from another system, which announces no tenders.
    pub observed: bool,
    pub reports: Vec<Report>,
    pub anomalies: Vec<Anomaly>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenderState {
    /// `None` when a report names a tender that nobody announced.
    pub tender: Option<Tender>,
    pub status: TenderStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenderStatus {
    Announced,
    Authorised,
    Captured,
    Declined,
    Unknown,
}

/// What was reported of a tender under one reference, so that it is recorded once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub tender_id: TenderId,
    pub status: TenderStatus,
    pub reference: Option<Code>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Open(Open),
    Authorise(Authorise),
    Capture(Capture),
    Decline(Decline),
    LosePayment(LosePayment),
    Reduce(Reduce),
    Cancel(Cancel),
}

impl Decider for Checkout {
    type Id = CheckoutId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: CheckoutId) -> StreamId {
        StreamId::Checkout(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Checkout(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Open(command) => open::decide(self, command),
            Command::Authorise(command) => authorise::decide(self, command),
            Command::Capture(command) => capture::decide(self, command),
            Command::Decline(command) => decline::decide(self, command),
            Command::LosePayment(command) => lose_payment::decide(self, command),
            Command::Reduce(command) => reduce::decide(self, command),
            Command::Cancel(command) => cancel::decide(self, command),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        evolve::evolve(self, event)
    }
}

/// What an order adds to its checkout.
#[must_use]
pub const fn share_of(placed: &Placed) -> Share {
    let (order_id, seller_id) = (placed.trade.order_id, placed.trade.seller_id);
    Share { order_id, seller_id, amount: placed.total }
}

impl Checkout {
    /// What of `events`, decided on this state, completes the money of which orders: each with its
    /// whole price.
    #[must_use]
    pub fn paid_orders_after(&self, events: &[Event]) -> Vec<Share> {
        let after = events.iter().fold(self.clone(), Self::evolve);
        let Self::Known(known) = &after else {
            return vec![];
        };
        let full = known.asked().filter(|share| known.is_full(share));
        full.filter(|share| !self.has_paid(share)).copied().collect()
    }

    /// Why the checkout ends with `events`, if it does.
    #[must_use]
    pub fn end_in(events: &[Event]) -> Option<EndReason> {
        events.iter().find_map(|event| match event {
            Event::Cancelled(cancelled) => Some(cancelled.reason),
            Event::Opened(_)
            | Event::Authorised(_)
            | Event::Captured(_)
            | Event::Declined(_)
            | Event::PaymentUnknown(_)
            | Event::Reduced(_)
            | Event::AnomalyFound(_) => None,
        })
    }

    fn has_paid(&self, share: &Share) -> bool {
        match self {
            Self::Absent => false,
            Self::Known(known) => known.shares.contains(share) && known.is_full(share),
        }
    }

    /// The checkout and one of its tenders, if both exist.
    fn tender(&self, tender_id: TenderId) -> Result<(&Known, &Tender, TenderStatus), Rejection> {
        let Self::Known(known) = self else {
            return Err(Rejection::NotFound);
        };
        let state = known.tenders.get(&tender_id).ok_or(Rejection::TenderNotFound)?;
        let tender = state.tender.as_ref().ok_or(Rejection::TenderNotFound)?;
        Ok((known, tender, state.status))
    }
}

impl Known {
    /// What an order still lacks.
    #[must_use]
    pub fn lacks(&self, share: &Share) -> Money {
        let nothing = Money::zero(share.amount.currency());
        share.amount.checked_sub(self.got(share)).unwrap_or(nothing)
    }

    /// What an order has got so far.
    fn got(&self, share: &Share) -> Money {
        let nothing = Money::zero(share.amount.currency());
        self.allocated.get(&share.order_id).copied().unwrap_or(nothing)
    }

    /// The shares of the orders that are still to be paid, or are paid.
    fn asked(&self) -> impl Iterator<Item = &Share> {
        self.shares.iter().filter(|share| !self.cancelled_orders.contains(&share.order_id))
    }

    fn is_full(&self, share: &Share) -> bool {
        self.lacks(share).is_zero()
    }

    /// Money may still be promised or taken by command.
    fn is_payable(&self, now: Timestamp) -> Result<(), Rejection> {
        match self.status {
            Status::Cancelled => return Err(Rejection::Ended),
            Status::Paid => return Err(Rejection::AlreadyPaid),
            Status::Open => {}
        }
        if self.pay_until.is_some_and(|until| now > until) {
            return Err(Rejection::TooLate);
        }
        Ok(())
    }

    fn cancelled(&self, reason: EndReason) -> Event {
        Cancelled { checkout_id: self.checkout_id, buyer_id: self.buyer_id, reason }.into()
    }

    /// Every announced tender is declined once this one is too.
    fn fails_without(&self, tender_id: TenderId) -> bool {
        let declined = |(id, state): (&TenderId, &TenderState)| {
            *id == tender_id || state.status == TenderStatus::Declined
        };
        self.status == Status::Open && !self.observed && self.tenders.iter().all(declined)
    }
}

//! The money of one order while the marketplace answers for it.
//!
//! ```text
//! Absent ──open──▶ Held ──fund, refund a part──▶ Held ──release──▶ Released
//!                    └──────────refund the whole──▶ Held, with nothing in it
//! ```
//! It alone enforces that refunds, payouts and fees together never exceed what was funded.

mod evolve;
mod fund;
mod observe;
mod open;
mod refund;
mod release;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

use events_schema::anomaly::Anomaly;
use events_schema::stream::StreamId;

use crate::decider::{Decider, Refusal, RefusalKind};
use crate::ids::{OrderId, TenderId};
use crate::money::{self, Money};
use crate::order::Placed;
use crate::trade::{TenderMethod, Trade};

pub use fund::Fund;
pub use observe::{Fact, Observation};
pub use open::Open;
pub use refund::{Refund, RefundAmount};
pub use release::Release;

pub use events_schema::escrow::{Event, Opened, RefundReason};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Escrow {
    #[default]
    Absent,
    Held(Box<Held>),
    Released(Box<Held>),
}

/// What later rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub trade: Trade,
    /// `None` while money is reported for an order that nobody placed.
    pub terms: Option<Terms>,
    /// In the order in which they came.
    pub fundings: Vec<Funding>,
    /// Payout and fees together.
    pub released: Money,
    pub anomalies: Vec<Anomaly>,
}

/// What is due and what will be kept of it, frozen from the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Items and shipping.
    pub due: Money,
    pub shipping: Money,
    pub fee: Money,
    pub fee_vat: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funding {
    pub tender_id: TenderId,
    pub method: TenderMethod,
    pub amount: Money,
    pub refunded: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Open(Open),
    Fund(Fund),
    Release(Release),
    Refund(Refund),
}

/// A rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("escrow does not exist")]
    NotFound,
    #[error("escrow exists already, with other contents")]
    AlreadyOpened,
    #[error("order was never placed here: no payment is held for it")]
    NeverPlaced,
    #[error("escrow was already released")]
    AlreadyReleased,
    #[error("escrow does not hold all that is due")]
    NotFunded,
    #[error("tender already funded it with another amount")]
    TenderAlreadyUsed,
    #[error("amounts are in different currencies")]
    MixedCurrencies,
    #[error("amount is zero")]
    NoAmount,
    #[error("amount is too large")]
    AmountTooLarge,
    #[error("more than is due")]
    ExceedsDue,
    #[error("more than the escrow holds")]
    ExceedsEscrow,
    #[error("more than the seller's part, but not the whole")]
    ExceedsSellersPart,
    #[error("shipping, fee and its tax are more than is due")]
    FeeExceedsDue,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "escrow_not_found",
            Self::AlreadyOpened => "escrow_already_opened",
            Self::NeverPlaced => "order_never_placed",
            Self::AlreadyReleased => "escrow_already_released",
            Self::NotFunded => "escrow_not_funded",
            Self::TenderAlreadyUsed => "tender_already_used",
            Self::MixedCurrencies => "currency_mismatch",
            Self::NoAmount => "amount_zero",
            Self::AmountTooLarge => "amount_too_large",
            Self::ExceedsDue => "exceeds_due",
            Self::ExceedsEscrow => "exceeds_escrow",
            Self::ExceedsSellersPart => "exceeds_sellers_part",
            Self::FeeExceedsDue => "fee_exceeds_due",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::AlreadyOpened
            | Self::NeverPlaced
            | Self::AlreadyReleased
            | Self::NotFunded
            | Self::TenderAlreadyUsed => RefusalKind::Conflict,
            Self::MixedCurrencies
            | Self::NoAmount
            | Self::AmountTooLarge
            | Self::ExceedsDue
            | Self::ExceedsEscrow
            | Self::ExceedsSellersPart
            | Self::FeeExceedsDue => RefusalKind::Rule,
        }
    }
}

impl From<money::Error> for Rejection {
    fn from(error: money::Error) -> Self {
        match error {
            money::Error::CurrencyMismatch => Self::MixedCurrencies,
            money::Error::Overflow | money::Error::Malformed => Self::AmountTooLarge,
            money::Error::Negative => Self::ExceedsEscrow,
        }
    }
}

impl Decider for Escrow {
    type Id = OrderId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: OrderId) -> StreamId {
        StreamId::Escrow(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Escrow(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Open(command) => open::decide(self, command),
            Command::Fund(command) => fund::decide(self, command),
            Command::Release(command) => release::decide(self, command),
            Command::Refund(command) => refund::decide(self, command),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        evolve::evolve(self, event)
    }
}

impl Escrow {
    /// What it holds now: funded, less what was refunded and released. `None` before any of it.
    #[must_use]
    pub fn balance(&self) -> Option<Money> {
        match self {
            Self::Absent => None,
            Self::Held(held) | Self::Released(held) => held.balance().ok(),
        }
    }
}

impl Held {
    fn funded(&self) -> Result<Money, money::Error> {
        Money::sum(self.released.currency(), self.fundings.iter().map(|funding| funding.amount))
    }

    fn refunded(&self) -> Result<Money, money::Error> {
        Money::sum(self.released.currency(), self.fundings.iter().map(|funding| funding.refunded))
    }

    fn balance(&self) -> Result<Money, money::Error> {
        self.funded()?.checked_sub(self.refunded()?)?.checked_sub(self.released)
    }
}

impl From<&Placed> for Terms {
    fn from(placed: &Placed) -> Self {
        let (fee, fee_vat) = (placed.fee.amount, placed.fee.vat);
        Self { due: placed.total, shipping: placed.shipping, fee, fee_vat }
    }
}

impl Terms {
    /// What is left for the items once fee and VAT are taken off.
    fn sellers_part(&self) -> Result<Money, Rejection> {
        let kept = self.shipping.checked_add(self.fee)?.checked_add(self.fee_vat)?;
        match self.due.checked_sub(kept) {
            Err(money::Error::Negative) => Err(Rejection::FeeExceedsDue),
            part => Ok(part?),
        }
    }
}

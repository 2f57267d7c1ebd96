//! What can happen to a checkout: one buyer, one payment, one order per seller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomaly::Anomaly;
use crate::ids::{CheckoutId, OrderId, PersonId, SellerId, TenderId};
use crate::money::Money;
use crate::registry::events;
use crate::text::Code;
use crate::time::Timestamp;
use crate::trade::{Source, Tender};

events! {
    Opened(Opened) = "checkout.opened" v 1,
    /// The gateway promises the money.
    Authorised(Authorised) = "checkout.authorised" v 1,
    /// The gateway has the money.
    Captured(Captured) = "checkout.captured" v 1,
    Declined(Declined) = "checkout.declined" v 1,
    /// The gateway did not say. Neither paid nor unpaid until it does.
    PaymentUnknown(PaymentUnknown) = "checkout.payment_unknown" v 1,
    /// One of several orders was cancelled before all was paid: it is asked for no more.
    Reduced(Reduced) = "checkout.reduced" v 1,
    /// Ended without being paid in full.
    Cancelled(Cancelled) = "checkout.cancelled" v 1,
    AnomalyFound(AnomalyFound) = "checkout.anomaly_found" v 1,
}

/// What one order adds to the checkout's total.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    pub order_id: OrderId,
    pub seller_id: SellerId,
    pub amount: Money,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    /// One per seller. Empty only where it was observed.
    pub shares: Vec<Share>,
    /// The sum of the shares.
    pub total: Money,
    /// How the buyer means to pay; together the total. Empty where it was observed.
    pub tenders: Vec<Tender>,
    /// Until when it may be paid.
    pub pay_until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Authorised {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub tender: Tender,
    /// The gateway's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Code>,
}

/// Shares of the captured amount and the excess together are the tender's amount.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Captured {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub tender: Tender,
    /// What of it goes to each order; an order that gets nothing is left out.
    pub shares: Vec<Share>,
    /// What no order explains.
    pub excess: Money,
    /// Why, where there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess_reason: Option<ExcessReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Code>,
}

/// Why money that was captured belongs to no order.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ExcessReason {
    /// Nothing is known of any order.
    NoOrder,
    /// The orders have all that they cost.
    Overpaid,
    /// The checkout had ended.
    AfterEnd,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    InsufficientFunds,
    RefusedByIssuer,
    Abandoned,
    Other,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub tender_id: TenderId,
    pub reason: DeclineReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Code>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentUnknown {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub tender_id: TenderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Code>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reduced {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    /// What the cancelled order cost.
    pub share: Share,
    /// What it had got of the captured money. Its escrow gives that back.
    pub allocated: Money,
    /// The sum of the shares that are left.
    pub total: Money,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Every order in it was cancelled.
    OrdersCancelled,
    /// Not paid in time.
    NotPaidInTime,
    /// Every tender was declined.
    PaymentDeclined,
    /// Its own system says so.
    Observed,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cancelled {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub reason: EndReason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnomalyFound {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub anomaly: Anomaly,
}

impl Event {
    #[must_use]
    pub const fn checkout_id(&self) -> CheckoutId {
        match self {
            Self::Opened(event) => event.checkout_id,
            Self::Authorised(event) => event.checkout_id,
            Self::Captured(event) => event.checkout_id,
            Self::Declined(event) => event.checkout_id,
            Self::PaymentUnknown(event) => event.checkout_id,
            Self::Reduced(event) => event.checkout_id,
            Self::Cancelled(event) => event.checkout_id,
            Self::AnomalyFound(event) => event.checkout_id,
        }
    }

    #[must_use]
    pub const fn buyer_id(&self) -> PersonId {
        match self {
            Self::Opened(event) => event.buyer_id,
            Self::Authorised(event) => event.buyer_id,
            Self::Captured(event) => event.buyer_id,
            Self::Declined(event) => event.buyer_id,
            Self::PaymentUnknown(event) => event.buyer_id,
            Self::Reduced(event) => event.buyer_id,
            Self::Cancelled(event) => event.buyer_id,
            Self::AnomalyFound(event) => event.buyer_id,
        }
    }
}

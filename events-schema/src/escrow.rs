//! What can happen to the money of one order while the marketplace answers for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomaly::Anomaly;
use crate::ids::TenderId;
use crate::money::Money;
use crate::registry::events;
use crate::trade::{Tender, TenderMethod, Trade};

events! {
    /// The order was placed: so much is due.
    Opened(Opened) = "escrow.opened" v 1,
    /// A part of a captured tender was put aside for this order.
    Funded(Funded) = "escrow.funded" v 1,
    /// The seller earned it.
    Released(Released) = "escrow.released" v 1,
    /// Booked to go back to the buyer.
    Refunded(Refunded) = "escrow.refunded" v 1,
    AnomalyFound(AnomalyFound) = "escrow.anomaly_found" v 1,
}

/// What is due and what will be kept of it, frozen from the order.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    pub trade: Trade,
    /// `items` + `shipping`.
    pub due: Money,
    pub shipping: Money,
    pub fee: Money,
    pub fee_vat: Money,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Funded {
    pub trade: Trade,
    pub tender_id: TenderId,
    pub method: TenderMethod,
    pub amount: Money,
}

/// The four parts together are what leaves the escrow.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    pub trade: Trade,
    /// For the items, fee and VAT taken off.
    pub to_seller: Money,
    pub shipping: Money,
    pub fee: Money,
    pub fee_vat: Money,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    OrderCancelled,
    GoodwillOfSeller,
    Observed,
}

/// `tenders` says to which of the funding tenders how much goes back; together `amount`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Refunded {
    pub trade: Trade,
    pub amount: Money,
    pub tenders: Vec<Tender>,
    pub reason: RefundReason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnomalyFound {
    pub trade: Trade,
    pub anomaly: Anomaly,
}

impl Event {
    #[must_use]
    pub const fn trade(&self) -> &Trade {
        match self {
            Self::Opened(event) => &event.trade,
            Self::Funded(event) => &event.trade,
            Self::Released(event) => &event.trade,
            Self::Refunded(event) => &event.trade,
            Self::AnomalyFound(event) => &event.trade,
        }
    }
}

//! What can happen to an order: what one buyer buys from one seller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomaly::Anomaly;
use crate::envelope::Version;
use crate::ids::{ListingId, OptionId, ShipmentId};
use crate::money::Money;
use crate::personal::{Address, Personal};
use crate::policy::Rounding;
use crate::quantity::Quantity;
use crate::registry::events;
use crate::text::Title;
use crate::trade::{SellerKind, Source, Trade};

events! {
    Placed(Placed) = "order.placed" v 1,
    /// All of its total is in escrow.
    Paid(Paid) = "order.paid" v 1,
    /// The seller is packing.
    Preparing(Preparing) = "order.preparing" v 1,
    /// Handed to a carrier.
    Shipped(Shipped) = "order.shipped" v 1,
    Delivered(Delivered) = "order.delivered" v 1,
    /// The buyer is content. Nothing is taken back after this but by a dispute.
    Confirmed(Confirmed) = "order.confirmed" v 1,
    Cancelled(Cancelled) = "order.cancelled" v 1,
    AnomalyFound(AnomalyFound) = "order.anomaly_found" v 1,
}

/// Where an order is, in the order in which it gets there: what comes late takes nothing back, and a
/// cancelled order stays cancelled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Placed,
    Paid,
    Preparing,
    Shipped,
    Delivered,
    Confirmed,
    Cancelled,
}

impl Status {
    pub const ALL: [Self; 7] = [
        Self::Placed,
        Self::Paid,
        Self::Preparing,
        Self::Shipped,
        Self::Delivered,
        Self::Confirmed,
        Self::Cancelled,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Preparing => "preparing",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// So many pieces of one option of one listing, at the price that held when it was placed.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub listing_id: ListingId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_id: Option<OptionId>,
    /// The version of the listing's stream that the buyer saw.
    pub listing_version: Version,
    pub title: Title,
    pub quantity: Quantity,
    pub unit_price: Money,
}

/// What the marketplace keeps, frozen when the order is placed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Of the stream `policy/fees`.
    pub policy_version: Version,
    /// Hundredths of a per cent of the items' price.
    pub rate_bp: u32,
    pub amount: Money,
    /// Hundredths of a per cent of the fee.
    pub vat_rate_bp: u32,
    pub vat: Money,
    pub rounding: Rounding,
}

/// `total` = `items` + `shipping`; the fee and its VAT are taken from it when it is released.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    pub trade: Trade,
    pub seller_kind: SellerKind,
    pub lines: Vec<Line>,
    pub items: Money,
    pub shipping: Money,
    pub total: Money,
    pub fee: Fee,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<Address>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// The most lines of one order.
pub const LINES_MAX: usize = 50;

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    pub trade: Trade,
    pub amount: Money,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Preparing {
    pub trade: Trade,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shipped {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    pub trade: Trade,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    pub trade: Trade,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    BuyerChangedMind,
    OutOfStock,
    SellerCannotSupply,
    NotPaidInTime,
    PaymentDeclined,
    /// Its own system says so, without a reason.
    Observed,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cancelled {
    pub trade: Trade,
    pub reason: CancelReason,
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
            Self::Placed(event) => &event.trade,
            Self::Paid(event) => &event.trade,
            Self::Preparing(event) => &event.trade,
            Self::Shipped(event) => &event.trade,
            Self::Delivered(event) => &event.trade,
            Self::Confirmed(event) => &event.trade,
            Self::Cancelled(event) => &event.trade,
            Self::AnomalyFound(event) => &event.trade,
        }
    }
}

//! What can happen to the stock of a listing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomaly::Anomaly;
use crate::ids::{ListingId, OptionId, OrderId};
use crate::quantity::Quantity;
use crate::registry::events;

events! {
    /// Pieces were added.
    Restocked(Restocked) = "inventory.restocked" v 1,
    /// Unsold pieces were taken out.
    Removed(Removed) = "inventory.removed" v 1,
    /// Held for an order.
    Reserved(Reserved) = "inventory.reserved" v 1,
    /// Sold: the order was paid.
    Committed(Committed) = "inventory.committed" v 1,
    /// Given back: the order was cancelled.
    Released(Released) = "inventory.released" v 1,
    /// Given back: the order was not paid in time.
    Expired(Expired) = "inventory.expired" v 1,
    /// A sale showed stock that nobody had counted.
    RestockObserved(RestockObserved) = "inventory.restock_observed" v 1,
}

/// Pieces of one option; of the listing itself where it has no options.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StockLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_id: Option<OptionId>,
    pub quantity: Quantity,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Restocked {
    pub listing_id: ListingId,
    pub line: StockLine,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    pub listing_id: ListingId,
    pub line: StockLine,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    /// Each option at most once.
    pub lines: Vec<StockLine>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    pub lines: Vec<StockLine>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    pub lines: Vec<StockLine>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expired {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    pub lines: Vec<StockLine>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RestockObserved {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    pub line: StockLine,
    pub anomaly: Anomaly,
}

impl Event {
    #[must_use]
    pub const fn listing_id(&self) -> ListingId {
        match self {
            Self::Restocked(event) => event.listing_id,
            Self::Removed(event) => event.listing_id,
            Self::Reserved(event) => event.listing_id,
            Self::Committed(event) => event.listing_id,
            Self::Released(event) => event.listing_id,
            Self::Expired(event) => event.listing_id,
            Self::RestockObserved(event) => event.listing_id,
        }
    }
}

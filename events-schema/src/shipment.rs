//! What can happen to a parcel. Its facts come from outside: late, twice, or out of order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomaly::Anomaly;
use crate::ids::{ObservationId, ShipmentId};
use crate::registry::events;
use crate::text::{Code, Name};
use crate::trade::Trade;

events! {
    Registered(Registered) = "shipment.registered" v 1,
    PickedUp(PickedUp) = "shipment.picked_up" v 1,
    InTransit(InTransit) = "shipment.in_transit" v 1,
    Delivered(Delivered) = "shipment.delivered" v 1,
    Lost(Lost) = "shipment.lost" v 1,
    AnomalyFound(AnomalyFound) = "shipment.anomaly_found" v 1,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub carrier: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<Code>,
}

/// A carrier took the parcel. When it did stands in the envelope (`occurred_at`), as for every scan.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PickedUp {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub observation_id: ObservationId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InTransit {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub observation_id: ObservationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub observation_id: ObservationId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub observation_id: ObservationId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnomalyFound {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub anomaly: Anomaly,
}

impl Event {
    #[must_use]
    pub const fn trade(&self) -> &Trade {
        match self {
            Self::Registered(event) => &event.trade,
            Self::PickedUp(event) => &event.trade,
            Self::InTransit(event) => &event.trade,
            Self::Delivered(event) => &event.trade,
            Self::Lost(event) => &event.trade,
            Self::AnomalyFound(event) => &event.trade,
        }
    }

    #[must_use]
    pub const fn shipment_id(&self) -> ShipmentId {
        match self {
            Self::Registered(event) => event.shipment_id,
            Self::PickedUp(event) => event.shipment_id,
            Self::InTransit(event) => event.shipment_id,
            Self::Delivered(event) => event.shipment_id,
            Self::Lost(event) => event.shipment_id,
            Self::AnomalyFound(event) => event.shipment_id,
        }
    }
}

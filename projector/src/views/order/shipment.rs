//! The parcels of an order. Scans come late, twice or out of order; the furthest one counts.

use events_schema::envelope::Version;
use events_schema::ids::ShipmentId;
use events_schema::shipment;
use events_schema::text::{Code, Name};
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Document;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Parcel {
    pub shipment_id: ShipmentId,
    /// Of the stream `shipment/…`.
    pub version: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<Code>,
    pub status: ParcelStatus,
    /// Where it was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked_up_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_transit_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at: Option<Timestamp>,
}

/// In the order of a parcel's way: a later scan of an earlier step does not take it back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelStatus {
    Registered,
    PickedUp,
    InTransit,
    Lost,
    /// Also after it was called lost.
    Delivered,
}

impl Document {
    pub(super) fn carry(&mut self, event: &shipment::Event, version: Version, at: Timestamp) {
        if let shipment::Event::AnomalyFound(event) = event {
            self.anomalies.add(&event.anomaly, at);
        }
        let parcel = self.parcel(event.shipment_id());
        parcel.version = version;
        let (status, since) = match event {
            shipment::Event::Registered(event) => {
                parcel.carrier = Some(event.carrier.clone());
                parcel.tracking_number.clone_from(&event.tracking_number);
                (ParcelStatus::Registered, &mut parcel.registered_at)
            }
            shipment::Event::PickedUp(_) => (ParcelStatus::PickedUp, &mut parcel.picked_up_at),
            shipment::Event::InTransit(event) => {
                if event.place.is_some() && parcel.in_transit_at.is_none_or(|last| last <= at) {
                    parcel.place.clone_from(&event.place);
                }
                (ParcelStatus::InTransit, &mut parcel.in_transit_at)
            }
            shipment::Event::Delivered(_) => (ParcelStatus::Delivered, &mut parcel.delivered_at),
            shipment::Event::Lost(_) => (ParcelStatus::Lost, &mut parcel.lost_at),
            shipment::Event::AnomalyFound(_) => return,
        };
        *since = Some(since.map_or(at, |last| last.max(at)));
        parcel.status = parcel.status.max(status);
    }

    fn parcel(&mut self, shipment_id: ShipmentId) -> &mut Parcel {
        let found = self.shipments.iter().position(|parcel| parcel.shipment_id == shipment_id);
        let index = found.unwrap_or_else(|| {
            self.shipments.push(Parcel {
                shipment_id,
                version: Version::default(),
                carrier: None,
                tracking_number: None,
                status: ParcelStatus::Registered,
                place: None,
                registered_at: None,
                picked_up_at: None,
                in_transit_at: None,
                delivered_at: None,
                lost_at: None,
            });
            self.shipments.len().saturating_sub(1)
        });
        &mut self.shipments[index]
    }
}

//! How a parcel's facts add up. No rule stands here.

use std::collections::BTreeSet;

use super::{Event, Known, Shipment, Status};
use crate::ids::ObservationId;

pub(super) fn evolve(shipment: Shipment, event: &Event) -> Shipment {
    let mut known = match shipment {
        Shipment::Known(known) => known,
        Shipment::Absent => Box::new(Known {
            trade: *event.trade(),
            shipment_id: event.shipment_id(),
            status: Status::Registered,
            registered: None,
            seen: BTreeSet::new(),
            anomalies: vec![],
        }),
    };
    match event {
        Event::Registered(registered) => known.registered = Some(registered.clone()),
        Event::PickedUp(scan) => known.scan(scan.observation_id, Status::PickedUp),
        Event::InTransit(scan) => known.scan(scan.observation_id, Status::InTransit),
        Event::Delivered(scan) => known.scan(scan.observation_id, Status::Delivered),
        Event::Lost(scan) => known.scan(scan.observation_id, Status::Lost),
        Event::AnomalyFound(found) => known.anomalies.push(found.anomaly.clone()),
    }
    Shipment::Known(known)
}

impl Known {
    /// The first end stands.
    fn scan(&mut self, observation_id: ObservationId, status: Status) {
        self.seen.insert(observation_id);
        if !self.status.is_end() {
            self.status = self.status.max(status);
        }
    }
}

//! What a carrier saw of a parcel, whenever it says so.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::shipment::{AnomalyFound, Delivered, InTransit, Lost, PickedUp};

use super::{Event, Registered, Shipment, Status};
use crate::decider::Observer;
use crate::ids::{ObservationId, ShipmentId};
use crate::text::{Code, Name};
use crate::trade::Trade;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Another system knew the parcel.
    Registered(Registered),
    Scanned(Scanned),
}

/// One scan, as its sender numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub observation_id: ObservationId,
    pub scan: Scan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    PickedUp,
    InTransit { place: Option<Name> },
    Delivered,
    Lost,
}

impl Observer for Shipment {
    type Observation = Observation;

    /// It is registered once, and each scan is recorded once.
    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Registered(registered) => match self {
                Self::Known(known) if known.registered.is_some() => vec![],
                Self::Absent | Self::Known(_) => vec![registered.into()],
            },
            Observation::Scanned(scanned) => self.see_scan(scanned),
        }
    }
}

impl Shipment {
    fn see_scan(&self, scanned: Scanned) -> Vec<Event> {
        let Scanned { trade, shipment_id, observation_id, scan } = scanned;
        if matches!(self, Self::Known(known) if known.seen.contains(&observation_id)) {
            return vec![];
        }
        let found = self.contradiction(scan.status());
        let event = match scan {
            Scan::PickedUp => PickedUp { trade, shipment_id, observation_id }.into(),
            Scan::InTransit { place } => {
                InTransit { trade, shipment_id, observation_id, place }.into()
            }
            Scan::Delivered => Delivered { trade, shipment_id, observation_id }.into(),
            Scan::Lost => Lost { trade, shipment_id, observation_id }.into(),
        };
        let found = found.map(|anomaly| AnomalyFound { trade, shipment_id, anomaly }.into());
        [event].into_iter().chain(found).collect()
    }

    /// A second end contradicts the first; an earlier step merely comes late.
    fn contradiction(&self, seen: Status) -> Option<Anomaly> {
        let Self::Known(known) = self else {
            return Some(anomaly(AnomalyKind::NeverPlaced, None, seen));
        };
        let kind = if known.status.is_end() && seen.is_end() {
            AnomalyKind::ScanAfterEnd
        } else if seen < known.status {
            AnomalyKind::ScanOutOfOrder
        } else {
            return None;
        };
        Some(anomaly(kind, Some(known.status), seen))
    }
}

impl Scan {
    const fn status(&self) -> Status {
        match self {
            Self::PickedUp => Status::PickedUp,
            Self::InTransit { .. } => Status::InTransit,
            Self::Delivered => Status::Delivered,
            Self::Lost => Status::Lost,
        }
    }
}

fn anomaly(kind: AnomalyKind, expected: Option<Status>, observed: Status) -> Anomaly {
    let code = |status: Status| Code::new(status.as_str()).ok();
    Anomaly { kind, expected: expected.and_then(code), observed: code(observed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::replay;
    use crate::order::testing::{TRADE, shipment_id};
    use crate::shipment::testing::{
        NOTHING, a_parcel, delivered, in_transit, lost, observation_id, picked_up, registered,
    };
    use crate::testing::given;

    fn scanned(n: u128, scan: Scan) -> Observation {
        let (shipment_id, observation_id) = (shipment_id(1), observation_id(n));
        Observation::Scanned(Scanned { trade: TRADE, shipment_id, observation_id, scan })
    }

    fn found(kind: AnomalyKind, expected: Option<Status>, observed: Status) -> Event {
        let anomaly = anomaly(kind, expected, observed);
        AnomalyFound { trade: TRADE, shipment_id: shipment_id(1), anomaly }.into()
    }

    fn moving() -> Scan {
        Scan::InTransit { place: None }
    }

    #[test]
    fn follows_the_parcel() {
        let history = [registered(), picked_up(1), in_transit(2), in_transit(3), delivered(4)];
        let scans = [Scan::PickedUp, moving(), moving(), Scan::Delivered];
        for ((step, n), scan) in (1..).zip(1..).zip(scans) {
            given::<Shipment>(history[..step].iter().cloned())
                .when_observed(scanned(n, scan))
                .then([history[step].clone()]);
        }
        assert_eq!(replay::<Shipment>(&history).status(), Some(Status::Delivered));
        given::<Shipment>([registered()]).when_observed(scanned(1, Scan::Lost)).then([lost(1)]);
    }

    #[test]
    fn is_registered_once() {
        let seen = || Observation::Registered(a_parcel());
        given::<Shipment>(NOTHING).when_observed(seen()).then([registered()]);
        given::<Shipment>([registered()]).when_observed(seen()).then_nothing();
    }

    #[test]
    fn each_scan_is_recorded_once() {
        given::<Shipment>([registered(), in_transit(1), delivered(2)])
            .when_observed(scanned(1, moving()))
            .then_nothing();
    }

    #[test]
    fn a_late_scan_changes_nothing_and_is_named() {
        let late = found(AnomalyKind::ScanOutOfOrder, Some(Status::Delivered), Status::PickedUp);
        given::<Shipment>([registered(), delivered(1)])
            .when_observed(scanned(2, Scan::PickedUp))
            .then([picked_up(2), late]);
        let shipment = replay::<Shipment>(&[registered(), delivered(1), picked_up(2)]);
        assert_eq!(shipment.status(), Some(Status::Delivered));
    }

    #[test]
    fn the_first_end_stands() {
        let second = found(AnomalyKind::ScanAfterEnd, Some(Status::Lost), Status::Delivered);
        given::<Shipment>([registered(), lost(1)])
            .when_observed(scanned(2, Scan::Delivered))
            .then([delivered(2), second]);
        let second = found(AnomalyKind::ScanAfterEnd, Some(Status::Delivered), Status::Lost);
        given::<Shipment>([registered(), delivered(1)])
            .when_observed(scanned(2, Scan::Lost))
            .then([lost(2), second]);
        let shipment = replay::<Shipment>(&[registered(), delivered(1), lost(2)]);
        assert_eq!(shipment.status(), Some(Status::Delivered));
    }

    #[test]
    fn a_parcel_that_nobody_registered_is_followed_all_the_same() {
        given::<Shipment>(NOTHING)
            .when_observed(scanned(1, Scan::PickedUp))
            .then([picked_up(1), found(AnomalyKind::NeverPlaced, None, Status::PickedUp)]);
    }
}

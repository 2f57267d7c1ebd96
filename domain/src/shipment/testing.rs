//! One parcel as tests need it.

use events_schema::shipment::{Delivered, Event, InTransit, Lost, PickedUp, Registered};

use crate::ids::ObservationId;
use crate::order::testing::{TRADE, shipment_id};
use crate::testing::id;
use crate::text::{Code, Name};

/// The history of what does not exist.
pub const NOTHING: [Event; 0] = [];

#[must_use]
pub fn observation_id(n: u128) -> ObservationId {
    id(n, ObservationId::new)
}

/// # Panics
/// Never, unless names are broken.
#[must_use]
#[expect(clippy::unwrap_used, reason = "only tests call it")]
pub fn a_parcel() -> Registered {
    Registered {
        trade: TRADE,
        shipment_id: shipment_id(1),
        carrier: Name::new("우체국택배").unwrap(),
        tracking_number: Code::new("6890123456789").ok(),
    }
}

#[must_use]
pub fn registered() -> Event {
    a_parcel().into()
}

#[must_use]
pub fn picked_up(n: u128) -> Event {
    let (shipment_id, observation_id) = (shipment_id(1), observation_id(n));
    PickedUp { trade: TRADE, shipment_id, observation_id }.into()
}

#[must_use]
pub fn in_transit(n: u128) -> Event {
    let (shipment_id, observation_id) = (shipment_id(1), observation_id(n));
    InTransit { trade: TRADE, shipment_id, observation_id, place: None }.into()
}

#[must_use]
pub fn delivered(n: u128) -> Event {
    let (shipment_id, observation_id) = (shipment_id(1), observation_id(n));
    Delivered { trade: TRADE, shipment_id, observation_id }.into()
}

#[must_use]
pub fn lost(n: u128) -> Event {
    let (shipment_id, observation_id) = (shipment_id(1), observation_id(n));
    Lost { trade: TRADE, shipment_id, observation_id }.into()
}

//! The seller names the carrier of a parcel.

use super::{Event, Registered, Rejection, Shipment};
use crate::ids::ShipmentId;
use crate::order::By;
use crate::text::{Code, Name};
use crate::trade::Trade;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    pub trade: Trade,
    pub shipment_id: ShipmentId,
    pub carrier: Name,
    pub tracking_number: Option<Code>,
    pub by: By,
}

pub(super) fn decide(shipment: &Shipment, command: Register) -> Result<Vec<Event>, Rejection> {
    let Register { trade, shipment_id, carrier, tracking_number, by } = command;
    if !by.is_party_to(&trade) {
        return Err(Rejection::NotFound);
    }
    if matches!(by, By::Buyer(_)) {
        return Err(Rejection::OnlySeller);
    }
    let registered = Registered { trade, shipment_id, carrier, tracking_number };
    if let Shipment::Known(known) = shipment {
        if known.registered.as_ref() == Some(&registered) {
            return Ok(vec![]);
        }
        if known.registered.is_some() || known.trade != trade {
            return Err(Rejection::AlreadyRegistered);
        }
    }
    Ok(vec![registered.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::testing::{BUYER, SELLER, STRANGER, TRADE, shipment_id};
    use crate::shipment::Command;
    use crate::shipment::testing::{NOTHING, a_parcel, picked_up, registered};
    use crate::testing::given;

    fn register(by: By) -> Command {
        let Registered { trade, shipment_id, carrier, tracking_number } = a_parcel();
        Command::Register(Register { trade, shipment_id, carrier, tracking_number, by })
    }

    #[test]
    fn registers_a_parcel_also_one_that_was_scanned_before() {
        given::<Shipment>(NOTHING).when(register(SELLER)).then([registered()]);
        given::<Shipment>(NOTHING).when(register(By::Staff)).then([registered()]);
        given::<Shipment>([picked_up(1)]).when(register(SELLER)).then([registered()]);
    }

    #[test]
    fn registering_again_is_an_answer() {
        given::<Shipment>([registered()]).when(register(SELLER)).then_nothing();
    }

    #[test]
    fn refuses_in_order_permission_state() {
        let other = Registered { tracking_number: None, ..a_parcel() };
        let history = || [other.clone()];
        given::<Shipment>(history()).when(register(STRANGER)).then_rejected(Rejection::NotFound);
        given::<Shipment>(history()).when(register(BUYER)).then_rejected(Rejection::OnlySeller);
        given::<Shipment>(history())
            .when(register(SELLER))
            .then_rejected(Rejection::AlreadyRegistered);
        let trade = Trade { seller_id: crate::ids::SellerId::new(uuid::Uuid::nil()), ..TRADE };
        let elsewhere = Registered { trade, shipment_id: shipment_id(1), ..a_parcel() };
        given::<Shipment>([elsewhere])
            .when(register(SELLER))
            .then_rejected(Rejection::AlreadyRegistered);
    }
}

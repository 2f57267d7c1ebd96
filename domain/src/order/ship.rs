//! The seller hands the order to a carrier.

use events_schema::order::Shipped;

use super::{By, Event, Order, Rejection, Status};
use crate::ids::ShipmentId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ship {
    pub shipment_id: ShipmentId,
    pub by: By,
}

pub(super) fn decide(
    order: &Order,
    Ship { shipment_id, by }: Ship,
) -> Result<Vec<Event>, Rejection> {
    let known = order.open_to(by)?;
    by.is_on_sellers_side()?;
    if known.shipment_id == Some(shipment_id) {
        return Ok(vec![]);
    }
    match known.status {
        Status::Placed => Err(Rejection::NotPaid),
        Status::Paid | Status::Preparing => {
            Ok(vec![Shipped { trade: known.trade, shipment_id }.into()])
        }
        Status::Shipped | Status::Delivered | Status::Confirmed => Err(Rejection::AlreadyShipped),
        Status::Cancelled => Err(Rejection::AlreadyCancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Command;
    use crate::order::testing::{
        BUYER, NOTHING, SELLER, STRANGER, cancelled, delivered, paid, placed, preparing,
        shipment_id, shipped,
    };
    use crate::testing::given;

    fn ship(parcel: u128, by: By) -> Command {
        Command::Ship(Ship { shipment_id: shipment_id(parcel), by })
    }

    #[test]
    fn ships_what_is_paid_packed_or_not() {
        given::<Order>([placed(), paid()]).when(ship(1, SELLER)).then([shipped()]);
        given::<Order>([placed(), paid(), preparing()]).when(ship(1, By::Staff)).then([shipped()]);
    }

    #[test]
    fn shipping_the_same_parcel_again_is_an_answer() {
        let history = [placed(), paid(), shipped(), delivered()];
        given::<Order>(history).when(ship(1, SELLER)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_permission_state() {
        given::<Order>(NOTHING).when(ship(1, SELLER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(ship(1, STRANGER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(ship(1, BUYER)).then_rejected(Rejection::OnlySeller);
        given::<Order>([placed()]).when(ship(1, SELLER)).then_rejected(Rejection::NotPaid);
        given::<Order>([placed(), paid(), shipped()])
            .when(ship(2, SELLER))
            .then_rejected(Rejection::AlreadyShipped);
        given::<Order>([placed(), paid(), cancelled()])
            .when(ship(1, SELLER))
            .then_rejected(Rejection::AlreadyCancelled);
    }
}

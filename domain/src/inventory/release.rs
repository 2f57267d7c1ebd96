//! Give back what an order holds, sold or not: the order was cancelled. Nothing can refuse it.

use events_schema::inventory::Released;

use super::{Event, Hold, Inventory};
use crate::ids::{ListingId, OrderId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    pub listing_id: ListingId,
    pub order_id: OrderId,
}

pub(super) fn decide(
    inventory: &Inventory,
    Release { listing_id, order_id }: Release,
) -> Vec<Event> {
    match inventory.orders.get(&order_id) {
        None | Some(Hold::Released | Hold::Expired) => vec![],
        Some(Hold::Reserved(lines) | Hold::Committed(lines)) => {
            vec![Released { listing_id, order_id, lines: lines.to_vec() }.into()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{
        listing_id, of, order_id, released, three_back, three_held, three_sold,
    };
    use crate::inventory::{Command, Counts};
    use crate::testing::given;

    fn release(order: u128) -> Command {
        Command::Release(Release { listing_id: listing_id(), order_id: order_id(order) })
    }

    #[test]
    fn gives_back_what_is_held_or_sold() {
        for history in [three_held(), three_sold()] {
            given::<Inventory>(history).when(release(1)).then([released(1, &[of(1, 3)])]);
        }
    }

    #[test]
    fn everything_is_available_again() {
        for history in three_back() {
            let counts = given::<Inventory>(history).0.counts(of(1, 1).option_id);
            assert_eq!(counts, Counts { available: 10, reserved: 0, sold: 0 });
        }
    }

    #[test]
    fn does_nothing_where_nothing_is_held() {
        given::<Inventory>(three_held()).when(release(2)).then_nothing();
        for history in three_back() {
            given::<Inventory>(history).when(release(1)).then_nothing();
        }
    }
}

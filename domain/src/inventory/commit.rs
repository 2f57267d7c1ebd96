//! What is held for an order is sold: the order was paid.

use events_schema::inventory::Committed;

use super::{Event, Hold, Inventory, Rejection};
use crate::ids::{ListingId, OrderId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    pub listing_id: ListingId,
    pub order_id: OrderId,
}

pub(super) fn decide(
    inventory: &Inventory,
    Commit { listing_id, order_id }: Commit,
) -> Result<Vec<Event>, Rejection> {
    match inventory.orders.get(&order_id) {
        None => Err(Rejection::NotReserved),
        Some(Hold::Released | Hold::Expired) => Err(Rejection::ReservationEnded),
        Some(Hold::Committed(_)) => Ok(vec![]),
        Some(Hold::Reserved(lines)) => {
            Ok(vec![Committed { listing_id, order_id, lines: lines.to_vec() }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{
        committed, listing_id, of, order_id, three_back, three_held, three_sold,
    };
    use crate::inventory::{Command, Counts};
    use crate::testing::given;

    fn commit(order: u128) -> Command {
        Command::Commit(Commit { listing_id: listing_id(), order_id: order_id(order) })
    }

    #[test]
    fn sells_what_is_held() {
        given::<Inventory>(three_held()).when(commit(1)).then([committed(1, &[of(1, 3)])]);
        let sold = given::<Inventory>(three_sold()).0;
        let expected = Counts { available: 7, reserved: 0, sold: 3 };
        assert_eq!(sold.counts(of(1, 1).option_id), expected);
    }

    #[test]
    fn does_nothing_when_already_sold() {
        given::<Inventory>(three_sold()).when(commit(1)).then_nothing();
    }

    #[test]
    fn refuses_what_was_never_held_or_was_given_back() {
        given::<Inventory>(three_held()).when(commit(2)).then_rejected(Rejection::NotReserved);
        for history in three_back() {
            given::<Inventory>(history).when(commit(1)).then_rejected(Rejection::ReservationEnded);
        }
    }
}

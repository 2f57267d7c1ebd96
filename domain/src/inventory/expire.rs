//! Give back what an order holds because it was not paid in time.

use events_schema::inventory::Expired;

use super::{Event, Hold, Inventory, Rejection};
use crate::ids::{ListingId, OrderId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expire {
    pub listing_id: ListingId,
    pub order_id: OrderId,
}

pub(super) fn decide(
    inventory: &Inventory,
    Expire { listing_id, order_id }: Expire,
) -> Result<Vec<Event>, Rejection> {
    match inventory.orders.get(&order_id) {
        None | Some(Hold::Released | Hold::Expired) => Ok(vec![]),
        Some(Hold::Committed(_)) => Err(Rejection::AlreadySold),
        Some(Hold::Reserved(lines)) => {
            Ok(vec![Expired { listing_id, order_id, lines: lines.to_vec() }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Command;
    use crate::inventory::testing::{
        expired, listing_id, of, order_id, three_back, three_held, three_sold,
    };
    use crate::testing::given;

    fn expire(order: u128) -> Command {
        Command::Expire(Expire { listing_id: listing_id(), order_id: order_id(order) })
    }

    #[test]
    fn gives_back_what_is_held() {
        given::<Inventory>(three_held()).when(expire(1)).then([expired(1, &[of(1, 3)])]);
    }

    #[test]
    fn does_nothing_where_nothing_is_held() {
        given::<Inventory>(three_held()).when(expire(2)).then_nothing();
        for history in three_back() {
            given::<Inventory>(history).when(expire(1)).then_nothing();
        }
    }

    #[test]
    fn refuses_what_is_sold() {
        given::<Inventory>(three_sold()).when(expire(1)).then_rejected(Rejection::AlreadySold);
    }
}

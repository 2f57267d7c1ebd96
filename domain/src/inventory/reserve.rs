//! Hold pieces for an order: all it wants, or none.

use std::collections::BTreeSet;

use events_schema::inventory::Reserved;

use super::{Event, Hold, Inventory, Rejection, StockLine};
use crate::ids::{ListingId, OrderId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    /// Each option at most once.
    pub lines: Vec<StockLine>,
}

pub(super) fn decide(
    inventory: &Inventory,
    Reserve { listing_id, order_id, lines }: Reserve,
) -> Result<Vec<Event>, Rejection> {
    match inventory.orders.get(&order_id) {
        None => (),
        Some(Hold::Reserved(_) | Hold::Committed(_)) => return Ok(vec![]),
        Some(Hold::Released | Hold::Expired) => return Err(Rejection::ReservationEnded),
    }
    if lines.is_empty() {
        return Err(Rejection::NoLines);
    }
    let mut named = BTreeSet::new();
    if lines.iter().any(|line| !named.insert(line.option_id)) {
        return Err(Rejection::OptionTwice);
    }
    let lacks =
        |line: &StockLine| inventory.counts(line.option_id).available < line.quantity.get().into();
    if lines.iter().any(lacks) {
        return Err(Rejection::OutOfStock);
    }
    Ok(vec![Reserved { listing_id, order_id, lines }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::{Refusal, RefusalKind};
    use crate::inventory::testing::{
        NOTHING, listing_id, of, order_id, reserved, restocked, three_back, three_held, three_sold,
    };
    use crate::inventory::{Command, Counts};
    use crate::testing::given;

    fn reserve(order: u128, lines: &[StockLine]) -> Command {
        let lines = lines.to_vec();
        Command::Reserve(Reserve { listing_id: listing_id(), order_id: order_id(order), lines })
    }

    #[test]
    fn holds_all_lines_down_to_the_last_piece() {
        let lines = [of(1, 2), of(2, 3), StockLine { option_id: None, ..of(1, 1) }];
        let history = lines.map(restocked);
        given::<Inventory>(history.clone()).when(reserve(1, &lines)).then([reserved(1, &lines)]);
        let held = given::<Inventory>([history.to_vec(), vec![reserved(1, &lines)]].concat()).0;
        let expected = Counts { available: 0, reserved: 3, sold: 0 };
        assert_eq!(held.counts(of(2, 1).option_id), expected);
    }

    #[test]
    fn does_nothing_when_the_order_has_its_pieces() {
        for history in [three_held(), three_sold()] {
            given::<Inventory>(history).when(reserve(1, &[of(1, 3)])).then_nothing();
        }
    }

    #[test]
    fn refuses_an_order_that_has_given_back() {
        for history in three_back() {
            given::<Inventory>(history)
                .when(reserve(1, &[of(1, 3)]))
                .then_rejected(Rejection::ReservationEnded);
        }
    }

    #[test]
    fn refuses_all_when_one_option_lacks() {
        given::<Inventory>([restocked(of(1, 5)), restocked(of(2, 1))])
            .when(reserve(1, &[of(1, 5), of(2, 2)]))
            .then_rejected(Rejection::OutOfStock);
        given::<Inventory>(three_held())
            .when(reserve(2, &[of(1, 8)]))
            .then_rejected(Rejection::OutOfStock);
        given::<Inventory>(NOTHING)
            .when(reserve(1, &[of(1, 1)]))
            .then_rejected(Rejection::OutOfStock);
    }

    #[test]
    fn running_out_is_a_conflict_with_a_stable_code() {
        let refusal = Rejection::OutOfStock;
        assert_eq!((refusal.code(), refusal.kind()), ("out_of_stock", RefusalKind::Conflict));
    }

    #[test]
    fn what_was_given_back_can_be_held_again() {
        for history in three_back() {
            given::<Inventory>(history)
                .when(reserve(2, &[of(1, 10)]))
                .then([reserved(2, &[of(1, 10)])]);
        }
    }

    #[test]
    fn refuses_no_lines_and_an_option_twice() {
        given::<Inventory>(three_held()).when(reserve(2, &[])).then_rejected(Rejection::NoLines);
        given::<Inventory>(three_held())
            .when(reserve(2, &[of(1, 1), of(1, 1)]))
            .then_rejected(Rejection::OptionTwice);
    }

    #[test]
    fn refuses_state_before_lines_before_stock() {
        let [ended, ..] = three_back();
        given::<Inventory>(ended).when(reserve(1, &[])).then_rejected(Rejection::ReservationEnded);
        given::<Inventory>(NOTHING)
            .when(reserve(1, &[of(1, 1), of(1, 1)]))
            .then_rejected(Rejection::OptionTwice);
    }
}

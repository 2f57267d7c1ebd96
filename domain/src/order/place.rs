//! Place an order, as it was priced.

use std::collections::BTreeSet;

use events_schema::order::LINES_MAX;

use super::{Event, Order, Placed, Rejection};
use crate::money::{self, Money};

/// Freezes lines, sums, fee and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub placed: Placed,
    /// The policy's limit on the pieces of one line.
    pub line_quantity_max: u32,
}

pub(super) fn decide(order: &Order, command: Place) -> Result<Vec<Event>, Rejection> {
    let Place { placed, line_quantity_max } = command;
    if let Order::Known(known) = order {
        let same = known.trade == placed.trade
            && known.total == Some(placed.total)
            && known.lines == placed.lines;
        return if same { Ok(vec![]) } else { Err(Rejection::AlreadyPlaced) };
    }
    check_lines(&placed, line_quantity_max)?;
    check_sums(&placed)?;
    Ok(vec![placed.into()])
}

fn check_lines(placed: &Placed, line_quantity_max: u32) -> Result<(), Rejection> {
    if placed.lines.is_empty() {
        return Err(Rejection::NoLines);
    }
    if placed.lines.len() > LINES_MAX {
        return Err(Rejection::TooManyLines);
    }
    let mut seen = BTreeSet::new();
    if !placed.lines.iter().all(|line| seen.insert((line.listing_id, line.option_id))) {
        return Err(Rejection::DuplicateLine);
    }
    if placed.lines.iter().any(|line| line.quantity.get() > line_quantity_max) {
        return Err(Rejection::QuantityTooLarge);
    }
    Ok(())
}

fn check_sums(placed: &Placed) -> Result<(), Rejection> {
    let prices = placed.lines.iter().map(|line| line.unit_price.checked_mul(line.quantity.get()));
    let prices = prices.collect::<Result<Vec<_>, money::Error>>()?;
    let items = Money::sum(placed.total.currency(), prices)?;
    let total = items.checked_add(placed.shipping)?;
    if items != placed.items || total != placed.total {
        return Err(Rejection::SumsDiffer);
    }
    let kept = placed.fee.amount.checked_add(placed.fee.vat)?;
    match items.checked_sub(kept) {
        Ok(_) => Ok(()),
        Err(money::Error::Negative) => Err(Rejection::FeeExceedsItems),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ListingId;
    use crate::money::Currency;
    use crate::order::testing::{NOTHING, an_order, won};
    use crate::order::{Command, Line};
    use crate::quantity::Quantity;
    use crate::testing::{given, id};

    fn place(placed: Placed) -> Command {
        Command::Place(Box::new(Place { placed, line_quantity_max: 5 }))
    }

    fn refused(change: impl FnOnce(&mut Placed), rejection: Rejection) {
        let mut placed = an_order();
        change(&mut placed);
        given::<Order>(NOTHING).when(place(placed)).then_rejected(rejection);
    }

    #[test]
    fn freezes_what_was_priced() {
        given::<Order>(NOTHING).when(place(an_order())).then([an_order()]);
    }

    #[test]
    fn placing_the_same_again_is_an_answer() {
        given::<Order>([an_order()]).when(place(an_order())).then_nothing();
    }

    #[test]
    fn refuses_another_order_under_the_same_id() {
        let other = Placed { lines: vec![], ..an_order() };
        given::<Order>([an_order()]).when(place(other)).then_rejected(Rejection::AlreadyPlaced);
    }

    #[test]
    fn refuses_lines_in_a_fixed_order() {
        let many = |count: u128, pieces: u32| {
            let line = an_order().lines[0].clone();
            (0..count)
                .map(|n| Line {
                    listing_id: id(n, ListingId::new),
                    quantity: Quantity::new(pieces).unwrap(),
                    ..line.clone()
                })
                .collect::<Vec<_>>()
        };
        refused(|placed| placed.lines.clear(), Rejection::NoLines);
        refused(
            |placed| {
                placed.lines = many(51, 6);
                placed.lines[1] = placed.lines[0].clone();
            },
            Rejection::TooManyLines,
        );
        refused(
            |placed| {
                placed.lines = many(2, 6);
                placed.lines[1] = placed.lines[0].clone();
            },
            Rejection::DuplicateLine,
        );
        refused(|placed| placed.lines = many(2, 6), Rejection::QuantityTooLarge);
    }

    #[test]
    fn refuses_sums_that_do_not_add_up() {
        refused(|placed| placed.items = won(1), Rejection::SumsDiffer);
        refused(|placed| placed.total = won(1), Rejection::SumsDiffer);
        let reais = Money::zero(Currency::Brl);
        refused(|placed| placed.shipping = reais, Rejection::MixedCurrencies);
        refused(|placed| placed.fee.amount = reais, Rejection::MixedCurrencies);
        let most = won(money::AMOUNT_MINOR_MAX);
        refused(|placed| placed.shipping = most, Rejection::AmountTooLarge);
        refused(|placed| placed.fee.amount = placed.items, Rejection::FeeExceedsItems);
    }
}

//! What an order takes from which stock.

use std::collections::BTreeMap;

use events_schema::inventory::StockLine;

use super::Line;
use crate::ids::{ListingId, OptionId};
use crate::quantity::{QUANTITY_MAX, Quantity};

/// The pieces of each listing, each option once. Lines of the same option are added, up to the most
/// that a quantity holds.
#[must_use]
pub fn stock_lines(lines: &[Line]) -> BTreeMap<ListingId, Vec<StockLine>> {
    let mut pieces = BTreeMap::<(ListingId, Option<OptionId>), u32>::new();
    for line in lines {
        let sum = pieces.entry((line.listing_id, line.option_id)).or_default();
        *sum = sum.saturating_add(line.quantity.get()).min(QUANTITY_MAX);
    }
    let mut stock = BTreeMap::<ListingId, Vec<StockLine>>::new();
    for ((listing_id, option_id), sum) in pieces {
        let line = Quantity::new(sum).map(|quantity| StockLine { option_id, quantity });
        stock.entry(listing_id).or_default().extend(line);
    }
    stock
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::testing::an_order;
    use crate::testing::id;

    #[test]
    fn adds_the_lines_of_one_option() {
        let [first, second] = an_order().lines.try_into().unwrap();
        let red = Line { option_id: Some(id(7, OptionId::new)), ..first.clone() };
        let most = Quantity::new(QUANTITY_MAX).unwrap();
        let many = Line { quantity: most, ..second.clone() };
        let stock = stock_lines(&[first.clone(), red.clone(), second, many, first.clone()]);
        let of = |line: &Line, pieces| StockLine {
            option_id: line.option_id,
            quantity: Quantity::new(pieces).unwrap(),
        };
        assert_eq!(stock[&first.listing_id], [of(&first, 4), of(&red, 2)]);
        assert_eq!(stock.into_values().nth(1).unwrap(), [of(&first, QUANTITY_MAX)]);
    }
}

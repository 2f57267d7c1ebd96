//! What another system did with stock that it counted, or nobody did.

use std::collections::BTreeMap;

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::inventory::{Reserved, RestockObserved};

use super::{Commit, Event, Inventory, Release, StockLine};
use crate::ids::{ListingId, OptionId, OrderId};
use crate::quantity::{QUANTITY_MAX, Quantity};
use crate::text::Code;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// An order was placed there.
    Sold(Sold),
    /// It was paid. Without anything held for it there is nothing to record.
    Committed(Commit),
    /// It was cancelled.
    Released(Release),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    pub listing_id: ListingId,
    pub order_id: OrderId,
    /// An option that stands in several lines is counted once, with their sum.
    pub lines: Vec<StockLine>,
}

pub(super) fn sold(
    inventory: &Inventory,
    Sold { listing_id, order_id, lines }: Sold,
) -> Vec<Event> {
    if inventory.orders.contains_key(&order_id) || lines.is_empty() {
        return vec![];
    }
    let lines = merged(&lines);
    let uncounted = lines.iter().filter_map(|line| {
        let available = inventory.counts(line.option_id).available;
        let wanted = line.quantity.get();
        let lacking = wanted.saturating_sub(u32::try_from(available).unwrap_or(u32::MAX));
        let quantity = Quantity::new(lacking).ok()?;
        let anomaly = Anomaly {
            kind: AnomalyKind::StockUnknown,
            expected: Code::new(&available.to_string()).ok(),
            observed: Code::new(&wanted.to_string()).ok(),
        };
        let line = StockLine { option_id: line.option_id, quantity };
        Some(RestockObserved { listing_id, order_id, line, anomaly }.into())
    });
    let mut events: Vec<Event> = uncounted.collect();
    events.push(Reserved { listing_id, order_id, lines }.into());
    events
}

fn merged(lines: &[StockLine]) -> Vec<StockLine> {
    let mut sums = BTreeMap::<Option<OptionId>, u32>::new();
    for line in lines {
        let sum = sums.entry(line.option_id).or_default();
        *sum = sum.saturating_add(line.quantity.get()).min(QUANTITY_MAX);
    }
    sums.into_iter()
        .filter_map(|(option_id, pieces)| {
            Some(StockLine { option_id, quantity: Quantity::new(pieces).ok()? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{
        NOTHING, committed, listing_id, of, order_id, released, reserved, restocked, three_back,
        three_held, three_sold, uncounted,
    };
    use crate::testing::given;

    fn sold(order: u128, lines: &[StockLine]) -> Observation {
        let lines = lines.to_vec();
        Observation::Sold(Sold { listing_id: listing_id(), order_id: order_id(order), lines })
    }

    fn paid(order: u128) -> Observation {
        Observation::Committed(Commit { listing_id: listing_id(), order_id: order_id(order) })
    }

    fn cancelled(order: u128) -> Observation {
        Observation::Released(Release { listing_id: listing_id(), order_id: order_id(order) })
    }

    #[test]
    fn a_sale_from_counted_stock_holds_it() {
        given::<Inventory>([restocked(of(1, 2))])
            .when_observed(sold(1, &[of(1, 2)]))
            .then([reserved(1, &[of(1, 2)])]);
    }

    #[test]
    fn a_sale_restocks_first_what_nobody_had_counted() {
        given::<Inventory>(NOTHING)
            .when_observed(sold(1, &[of(1, 2)]))
            .then([uncounted(1, of(1, 2), "0", "2"), reserved(1, &[of(1, 2)])]);
        given::<Inventory>([restocked(of(1, 1)), restocked(of(2, 5))])
            .when_observed(sold(1, &[of(1, 3), of(2, 5)]))
            .then([uncounted(1, of(1, 2), "1", "3"), reserved(1, &[of(1, 3), of(2, 5)])]);
    }

    #[test]
    fn an_option_in_several_lines_is_counted_once() {
        given::<Inventory>([restocked(of(1, 2))])
            .when_observed(sold(1, &[of(1, 1), of(1, 1)]))
            .then([reserved(1, &[of(1, 2)])]);
        let most = [of(1, QUANTITY_MAX), of(1, 1)];
        given::<Inventory>([restocked(of(1, QUANTITY_MAX))])
            .when_observed(sold(1, &most))
            .then([reserved(1, &[of(1, QUANTITY_MAX)])]);
    }

    #[test]
    fn a_sale_that_was_recorded_before_is_nothing() {
        let known = [vec![three_held(), three_sold()], three_back().to_vec()].concat();
        for history in known {
            given::<Inventory>(history).when_observed(sold(1, &[of(1, 3)])).then_nothing();
        }
        given::<Inventory>(NOTHING).when_observed(sold(1, &[])).then_nothing();
    }

    #[test]
    fn a_payment_sells_what_is_held_and_else_nothing() {
        given::<Inventory>(three_held()).when_observed(paid(1)).then([committed(1, &[of(1, 3)])]);
        given::<Inventory>(three_held()).when_observed(paid(2)).then_nothing();
        given::<Inventory>(three_sold()).when_observed(paid(1)).then_nothing();
        for history in three_back() {
            given::<Inventory>(history).when_observed(paid(1)).then_nothing();
        }
    }

    #[test]
    fn a_cancellation_gives_back_once() {
        for history in [three_held(), three_sold()] {
            given::<Inventory>(history)
                .when_observed(cancelled(1))
                .then([released(1, &[of(1, 3)])]);
        }
        for history in three_back() {
            given::<Inventory>(history).when_observed(cancelled(1)).then_nothing();
        }
    }
}

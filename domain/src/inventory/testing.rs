//! Stock for tests: `of(1, 3)` is three pieces of the first option.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::inventory::{
    Committed, Expired, Released, Removed, Reserved, RestockObserved, Restocked,
};

use super::{Event, StockLine};
use crate::ids::{ListingId, OptionId, OrderId};
use crate::quantity::Quantity;
use crate::testing::id;
use crate::text::Code;

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn listing_id() -> ListingId {
    id(1, ListingId::new)
}

pub(crate) fn order_id(n: u128) -> OrderId {
    id(n, OrderId::new)
}

pub(crate) fn of(option: u128, pieces: u32) -> StockLine {
    StockLine {
        option_id: Some(id(option, OptionId::new)),
        quantity: Quantity::new(pieces).unwrap(),
    }
}

pub(crate) fn restocked(line: StockLine) -> Event {
    Restocked { listing_id: listing_id(), line }.into()
}

pub(crate) fn removed(line: StockLine) -> Event {
    Removed { listing_id: listing_id(), line }.into()
}

pub(crate) fn reserved(order: u128, lines: &[StockLine]) -> Event {
    let lines = lines.to_vec();
    Reserved { listing_id: listing_id(), order_id: order_id(order), lines }.into()
}

pub(crate) fn committed(order: u128, lines: &[StockLine]) -> Event {
    let lines = lines.to_vec();
    Committed { listing_id: listing_id(), order_id: order_id(order), lines }.into()
}

pub(crate) fn released(order: u128, lines: &[StockLine]) -> Event {
    let lines = lines.to_vec();
    Released { listing_id: listing_id(), order_id: order_id(order), lines }.into()
}

pub(crate) fn expired(order: u128, lines: &[StockLine]) -> Event {
    let lines = lines.to_vec();
    Expired { listing_id: listing_id(), order_id: order_id(order), lines }.into()
}

/// So many were counted, so many were wanted; `line` is what lacked.
pub(crate) fn uncounted(order: u128, line: StockLine, counted: &str, wanted: &str) -> Event {
    let anomaly = Anomaly {
        kind: AnomalyKind::StockUnknown,
        expected: Some(Code::new(counted).unwrap()),
        observed: Some(Code::new(wanted).unwrap()),
    };
    RestockObserved { listing_id: listing_id(), order_id: order_id(order), line, anomaly }.into()
}

/// Ten pieces, three of them held for the first order.
pub(crate) fn three_held() -> Vec<Event> {
    vec![restocked(of(1, 10)), reserved(1, &[of(1, 3)])]
}

/// The same, sold.
pub(crate) fn three_sold() -> Vec<Event> {
    [three_held(), vec![committed(1, &[of(1, 3)])]].concat()
}

/// The same, given back, in each way there is.
pub(crate) fn three_back() -> [Vec<Event>; 3] {
    [
        [three_held(), vec![released(1, &[of(1, 3)])]].concat(),
        [three_sold(), vec![released(1, &[of(1, 3)])]].concat(),
        [three_held(), vec![expired(1, &[of(1, 3)])]].concat(),
    ]
}

//! Events of orders that were never placed: each parks its order.

use std::ops::RangeInclusive;

use events_schema::envelope::{Epoch, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::{Event, content_hash};
use storage::event_log::SharedLog;

use crate::appending;

/// What happens to each of them.
pub const HAPPENS: [&str; 3] = ["order.preparing", "order.shipped", "order.delivered"];

/// The order of this number.
#[must_use]
pub fn order(number: u32) -> String {
    id("ord", number)
}

fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}_01h455vb4pex0bsknk084{number:05}")
}

/// The published example, of this order and its checkout.
///
/// # Panics
/// When there is no such example.
#[must_use]
pub fn example(event_type: &str, number: u32) -> Event {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events-schema/fixtures");
    let mut json = std::fs::read_to_string(format!("{folder}/{event_type}.v1.json")).unwrap();
    for prefix in ["chk", "ord"] {
        let pattern = format!("{prefix}_01h455vb4pex0bsknk084sn0");
        while let Some(at) = json.find(&pattern) {
            json.replace_range(at..at + prefix.len() + 27, &id(prefix, number));
        }
    }
    Event::decode(event_type, 1, json.as_bytes()).unwrap()
}

fn stream(event: &Event) -> StreamId {
    let Event::Order(of_order) = event else { panic!("{} is no order's", event.event_type()) };
    StreamId::Order(of_order.trade().order_id)
}

/// An event as if it were the first of the log.
///
/// # Panics
/// When it is no order's.
#[must_use]
pub fn recorded(event: Event) -> Recorded<Event> {
    let meta = appending::meta(stream(&event), Version(1), &event);
    Recorded {
        position: Position(1),
        epoch: Epoch(1),
        recorded_at: meta.occurred_at,
        content_hash: content_hash::of(&meta, &event.encode().unwrap()),
        meta,
        event,
    }
}

/// Appends what happens to these orders, the same to each before the next happens.
///
/// # Panics
/// When the log does not take it.
pub async fn append(log: &SharedLog, numbers: RangeInclusive<u32>) {
    for (before, event_type) in (0..).zip(HAPPENS) {
        for number in numbers.clone() {
            let event = example(event_type, number);
            appending::append(log, &[(stream(&event), Version(before), event)]).await;
        }
    }
}

//! Stock, counted anew from the events alone: never below zero, at no position.

use std::collections::HashMap;

use events_schema::envelope::Position;
use events_schema::ids::{ListingId, OptionId};
use events_schema::inventory::{Event, StockLine};

use super::{Finding, Findings};

type Shelf = (ListingId, Option<OptionId>);

/// What is free to be sold, by listing and option.
#[derive(Debug, Default)]
pub(super) struct Stock(HashMap<Shelf, i64>);

impl Stock {
    pub(super) fn check(&mut self, at: Position, event: &Event, findings: &mut Findings) {
        let listing_id = event.listing_id();
        let (lines, direction): (&[StockLine], i64) = match event {
            Event::Restocked(event) => (std::slice::from_ref(&event.line), 1),
            Event::RestockObserved(event) => (std::slice::from_ref(&event.line), 1),
            Event::Released(event) => (&event.lines, 1),
            Event::Expired(event) => (&event.lines, 1),
            Event::Removed(event) => (std::slice::from_ref(&event.line), -1),
            Event::Reserved(event) => (&event.lines, -1),
            Event::Committed(_) => (&[], 0),
        };
        for line in lines {
            let free = self.0.entry((listing_id, line.option_id)).or_default();
            *free = free.saturating_add(direction * i64::from(line.quantity.get()));
            if *free < 0 {
                let what = format!("{listing_id} was sold {} pieces beyond its stock", -*free);
                findings.push(Finding::at(at, what));
            }
        }
    }
}

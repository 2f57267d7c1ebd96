//! The stock of one listing, per option: held for an order, then sold or given back.
//!
//! ```text
//! per order:  (none) ──reserve──▶ Reserved ──commit──▶ Committed
//!                                 │      │                 │
//!                              expire  release           release
//!                                 ▼      ▼                 │
//!                             Expired  Released ◀──────────┘
//! ```
//! How an order ended is remembered for ever, so that a repeat is answered and a late command cannot
//! sell pieces that were given back. It costs an id and a tag: the lines are dropped at the end.

mod commit;
mod expire;
mod observe;
mod release;
mod remove;
mod reserve;
mod restock;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::sync::Arc;

use events_schema::stream::StreamId;
use imbl::OrdMap;

use crate::decider::{Decider, Observer, Refusal, RefusalKind};
use crate::ids::{ListingId, OptionId, OrderId};

pub use commit::Commit;
pub use events_schema::inventory::{Event, StockLine};
pub use expire::Expire;
pub use observe::{Observation, Sold};
pub use release::Release;
pub use remove::Remove;
pub use reserve::Reserve;
pub use restock::{Restock, STOCK_MAX};

/// A listing without history has no stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    stock: BTreeMap<Option<OptionId>, Counts>,
    /// A copy shares what it does not change: a hot stream's state is copied for each batch.
    orders: OrdMap<OrderId, Hold>,
}

/// Pieces of one option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub available: u64,
    pub reserved: u64,
    pub sold: u64,
}

/// What an order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hold {
    Reserved(Lines),
    Committed(Lines),
    Released,
    Expired,
}

type Lines = Arc<[StockLine]>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Restock(Restock),
    Remove(Remove),
    Reserve(Reserve),
    Commit(Commit),
    Release(Release),
    Expire(Expire),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("nothing is reserved for this order")]
    NotReserved,
    #[error("what was reserved for this order was given back")]
    ReservationEnded,
    #[error("what this order held is sold")]
    AlreadySold,
    #[error("no piece is named")]
    NoLines,
    #[error("an option is named twice")]
    OptionTwice,
    #[error("not enough pieces are in stock")]
    OutOfStock,
    #[error("an option has at most {STOCK_MAX} pieces in stock")]
    TooMuchStock,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotReserved => "stock_not_reserved",
            Self::ReservationEnded => "stock_reservation_ended",
            Self::AlreadySold => "stock_already_sold",
            Self::NoLines => "stock_no_lines",
            Self::OptionTwice => "stock_option_twice",
            Self::OutOfStock => "out_of_stock",
            Self::TooMuchStock => "stock_too_much",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotReserved | Self::ReservationEnded | Self::AlreadySold | Self::OutOfStock => {
                RefusalKind::Conflict
            }
            Self::NoLines | Self::OptionTwice | Self::TooMuchStock => RefusalKind::Rule,
        }
    }
}

impl Inventory {
    /// Zeroes for an option that was never counted.
    #[must_use]
    pub fn counts(&self, option_id: Option<OptionId>) -> Counts {
        self.stock.get(&option_id).copied().unwrap_or_default()
    }

    /// Every option that was ever counted.
    pub fn stock(&self) -> impl Iterator<Item = (Option<OptionId>, Counts)> {
        self.stock.iter().map(|(option_id, counts)| (*option_id, *counts))
    }

    fn add(&mut self, line: &StockLine) {
        let counts = self.stock.entry(line.option_id).or_default();
        counts.available = counts.available.saturating_add(line.quantity.get().into());
    }

    fn take(&mut self, line: &StockLine) {
        let counts = self.stock.entry(line.option_id).or_default();
        counts.available = counts.available.saturating_sub(line.quantity.get().into());
    }

    fn hold(&mut self, order_id: OrderId, lines: &[StockLine]) {
        for line in lines {
            self.take(line);
            let counts = self.stock.entry(line.option_id).or_default();
            counts.reserved = counts.reserved.saturating_add(line.quantity.get().into());
        }
        self.now_holds(order_id, Hold::Reserved(lines.into()));
    }

    fn sell(&mut self, order_id: OrderId, lines: &[StockLine]) {
        for line in lines {
            let counts = self.stock.entry(line.option_id).or_default();
            counts.reserved = counts.reserved.saturating_sub(line.quantity.get().into());
            counts.sold = counts.sold.saturating_add(line.quantity.get().into());
        }
        self.now_holds(order_id, Hold::Committed(lines.into()));
    }

    fn give_back(&mut self, order_id: OrderId, lines: &[StockLine], end: Hold) {
        let was_sold = matches!(self.now_holds(order_id, end), Some(Hold::Committed(_)));
        for line in lines {
            self.add(line);
            let counts = self.stock.entry(line.option_id).or_default();
            let from = if was_sold { &mut counts.sold } else { &mut counts.reserved };
            *from = from.saturating_sub(line.quantity.get().into());
        }
    }

    fn now_holds(&mut self, order_id: OrderId, hold: Hold) -> Option<Hold> {
        self.orders.insert(order_id, hold)
    }
}

impl Decider for Inventory {
    type Id = ListingId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: ListingId) -> StreamId {
        StreamId::Inventory(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Inventory(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Restock(restock) => restock::decide(self, restock),
            Command::Remove(remove) => remove::decide(self, remove),
            Command::Reserve(reserve) => reserve::decide(self, reserve),
            Command::Commit(commit) => commit::decide(self, commit),
            Command::Release(release) => Ok(release::decide(self, release)),
            Command::Expire(expire) => expire::decide(self, expire),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Restocked(restocked) => self.add(&restocked.line),
            Event::RestockObserved(observed) => self.add(&observed.line),
            Event::Removed(removed) => self.take(&removed.line),
            Event::Reserved(reserved) => self.hold(reserved.order_id, &reserved.lines),
            Event::Committed(committed) => self.sell(committed.order_id, &committed.lines),
            Event::Released(released) => {
                self.give_back(released.order_id, &released.lines, Hold::Released);
            }
            Event::Expired(expired) => {
                self.give_back(expired.order_id, &expired.lines, Hold::Expired);
            }
        }
        self
    }
}

impl Observer for Inventory {
    type Observation = Observation;

    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Sold(sold) => observe::sold(self, sold),
            Observation::Committed(commit) => commit::decide(self, commit).unwrap_or_default(),
            Observation::Released(release) => release::decide(self, release),
        }
    }
}

//! `stock`: how many pieces of each option of a listing are free, held and sold.

use std::collections::BTreeSet;

use events_schema::Event;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{ListingId, OptionId, OrderId};
use events_schema::inventory::{self, StockLine};
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::Collection;

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct StockView;

/// The id is the listing's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub listing_id: ListingId,
    /// Of the stream `inventory/…`.
    pub version: Version,
    #[serde(flatten)]
    pub stock: Stock,
    pub updated_at: Timestamp,
}

/// Pieces by option, and the orders that hold some.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Stock {
    pub options: Vec<OptionStock>,
    /// Orders whose pieces are reserved and not yet sold: at most as many as pieces. Not public.
    pub held: BTreeSet<OrderId>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct OptionStock {
    /// `None` where the listing has no options.
    pub option_id: Option<OptionId>,
    pub available: u64,
    pub reserved: u64,
    pub sold: u64,
}

const COLLECTION: Collection = Collection { name: StockView::NAME, indexes: &[] };

impl View for StockView {
    type Key = ListingId;
    type Document = Document;

    const NAME: &'static str = "stock";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<ListingId> {
        match &recorded.event {
            Event::Inventory(event) => vec![event.listing_id()],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        key: &ListingId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Inventory(event) = &recorded.event else { return Ok(document) };
        let mut stock = document.map(|document| document.stock).unwrap_or_default();
        stock.apply(event)?;
        let (version, updated_at) = (recorded.meta.version, recorded.meta.occurred_at);
        Ok(Some(Document { listing_id: *key, version, stock, updated_at }))
    }
}

type Move = fn(&mut OptionStock, u64) -> Option<()>;

impl Stock {
    /// Follows one event.
    ///
    /// # Errors
    /// [`Poison`] where more pieces would move than there are.
    pub(crate) fn apply(&mut self, event: &inventory::Event) -> Result<(), Poison> {
        let added: Move = |stock, pieces| add(&mut stock.available, pieces);
        match event {
            inventory::Event::Restocked(event) => self.shift(&[event.line], added),
            inventory::Event::RestockObserved(event) => self.shift(&[event.line], added),
            inventory::Event::Removed(event) => {
                self.shift(&[event.line], |stock, pieces| take(&mut stock.available, pieces))
            }
            inventory::Event::Reserved(event) => {
                self.held.insert(event.order_id);
                self.shift(&event.lines, |stock, pieces| {
                    take(&mut stock.available, pieces)?;
                    add(&mut stock.reserved, pieces)
                })
            }
            inventory::Event::Committed(event) => {
                self.held.remove(&event.order_id);
                self.shift(&event.lines, |stock, pieces| {
                    take(&mut stock.reserved, pieces)?;
                    add(&mut stock.sold, pieces)
                })
            }
            inventory::Event::Released(event) => self.give_back(event.order_id, &event.lines),
            inventory::Event::Expired(event) => self.give_back(event.order_id, &event.lines),
        }
    }

    /// From what was held; from what was sold, where the order had been paid.
    fn give_back(&mut self, order_id: OrderId, lines: &[StockLine]) -> Result<(), Poison> {
        if self.held.remove(&order_id) {
            return self.shift(lines, |stock, pieces| {
                take(&mut stock.reserved, pieces)?;
                add(&mut stock.available, pieces)
            });
        }
        self.shift(lines, |stock, pieces| {
            take(&mut stock.sold, pieces)?;
            add(&mut stock.available, pieces)
        })
    }

    fn shift(&mut self, lines: &[StockLine], shift: Move) -> Result<(), Poison> {
        lines.iter().try_for_each(|line| {
            let pieces = u64::from(line.quantity.get());
            shift(self.option(line.option_id), pieces).ok_or(Poison("stock would be negative"))
        })
    }

    fn option(&mut self, option_id: Option<OptionId>) -> &mut OptionStock {
        let found = self.options.iter().position(|stock| stock.option_id == option_id);
        let index = found.unwrap_or_else(|| {
            self.options.push(OptionStock { option_id, ..OptionStock::default() });
            self.options.len().saturating_sub(1)
        });
        &mut self.options[index]
    }

    #[must_use]
    pub fn available(&self) -> u64 {
        self.options.iter().map(|option| option.available).sum()
    }

    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.options.iter().map(|option| option.reserved).sum()
    }

    #[must_use]
    pub fn sold(&self) -> u64 {
        self.options.iter().map(|option| option.sold).sum()
    }
}

fn add(pieces: &mut u64, more: u64) -> Option<()> {
    *pieces = pieces.checked_add(more)?;
    Some(())
}

fn take(pieces: &mut u64, fewer: u64) -> Option<()> {
    *pieces = pieces.checked_sub(fewer)?;
    Some(())
}

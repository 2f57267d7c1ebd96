//! `trail`: at which positions the events of a trade, an order, a listing or a balance stand, so that
//! `as_of`, timelines and proofs find them without a scan.
//!
//! A document covers a stretch of 4,096 positions of the log (the law allows 65,536), so that even
//! the busiest subject is cheap to extend; a subject's documents are found by index, in log order.

use std::fmt;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use events_schema::ids::{CheckoutId, ListingId, OrderId, SellerId};
use events_schema::{escrow, inventory};
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, Rank, View};

#[derive(Debug)]
pub struct Trail;

/// Positions of the log that one document covers.
pub const STRETCH: u64 = 4_096;

/// Whose events. As text `trade/chk_…`, `order/ord_…`, `listing/lst_…`, `balance/sel_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Every event of a checkout, its orders, escrows, parcels and reviews, and of the stock they
    /// took.
    Trade(CheckoutId),
    /// What the view `order` folds.
    Order(OrderId),
    /// What the views `listing_page` and `stock` fold.
    Listing(ListingId),
    /// What the view `seller_balance` folds.
    Balance(SellerId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trade(id) => write!(f, "trade/{id}"),
            Self::Order(id) => write!(f, "order/{id}"),
            Self::Listing(id) => write!(f, "listing/{id}"),
            Self::Balance(id) => write!(f, "balance/{id}"),
        }
    }
}

/// A subject and a stretch of the log. As text `order/ord_…-000000000007`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub subject: Subject,
    pub stretch: u64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:012}", self.subject, self.stretch)
    }
}

/// Ascending positions, written as the first and the distances between them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub subject: String,
    /// The positions here are `stretch` × [`STRETCH`] and the [`STRETCH`] − 1 after it, at most.
    pub stretch: u64,
    pub first: Position,
    pub last: Position,
    pub steps: Vec<u16>,
}

impl Document {
    /// Every position in it, ascending.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        let rest = self.steps.iter().scan(self.first.0, |at, step| {
            *at = at.saturating_add(u64::from(*step));
            Some(Position(*at))
        });
        std::iter::once(self.first).chain(rest)
    }
}

const COLLECTION: Collection = Collection {
    name: Trail::NAME,
    indexes: &[Index { name: "by_subject", equals: &["subject"], sort: "stretch" }],
};

impl View for Trail {
    type Key = Key;
    type Document = Document;

    const NAME: &'static str = "trail";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Log;
    const RANK: Rank = Rank::Batch;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<Key> {
        let stretch = recorded.position.0 / STRETCH;
        subjects(recorded).into_iter().map(|subject| Key { subject, stretch }).collect()
    }

    fn apply(
        document: Option<Document>,
        key: &Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let position = recorded.position;
        let Some(mut document) = document else {
            let (subject, stretch) = (key.subject.to_string(), key.stretch);
            let (first, last) = (position, position);
            return Ok(Some(Document { subject, stretch, first, last, steps: vec![] }));
        };
        let step = position.0.checked_sub(document.last.0).and_then(|step| step.try_into().ok());
        document.steps.push(step.ok_or(Poison("position lies outside its stretch"))?);
        document.last = position;
        Ok(Some(document))
    }
}

fn subjects(recorded: &Recorded<Event>) -> Vec<Subject> {
    match &recorded.event {
        Event::Checkout(event) => vec![Subject::Trade(event.checkout_id())],
        Event::Review(event) => vec![Subject::Trade(event.subject().checkout_id)],
        Event::Order(event) => {
            let trade = event.trade();
            vec![Subject::Trade(trade.checkout_id), Subject::Order(trade.order_id)]
        }
        Event::Shipment(event) => {
            let trade = event.trade();
            vec![Subject::Trade(trade.checkout_id), Subject::Order(trade.order_id)]
        }
        Event::Escrow(event) => {
            let trade = event.trade();
            let mut subjects =
                vec![Subject::Trade(trade.checkout_id), Subject::Order(trade.order_id)];
            if let escrow::Event::Released(_) = event {
                subjects.push(Subject::Balance(trade.seller_id));
            }
            subjects
        }
        Event::Listing(event) => vec![Subject::Listing(event.listing_id())],
        Event::Like(event) => vec![Subject::Listing(event.subject().listing_id)],
        Event::Inventory(event) => {
            let mut subjects = vec![Subject::Listing(event.listing_id())];
            if is_of_a_trade(event) {
                // The correlation of a trade is its checkout's id.
                let checkout_id = CheckoutId::new(recorded.meta.correlation_id.as_uuid());
                subjects.push(Subject::Trade(checkout_id));
            }
            subjects
        }
        Event::Seller(_) | Event::Category(_) | Event::Policy(_) => vec![],
    }
}

const fn is_of_a_trade(event: &inventory::Event) -> bool {
    match event {
        inventory::Event::Reserved(_)
        | inventory::Event::Committed(_)
        | inventory::Event::Released(_)
        | inventory::Event::Expired(_)
        | inventory::Event::RestockObserved(_) => true,
        inventory::Event::Restocked(_) | inventory::Event::Removed(_) => false,
    }
}

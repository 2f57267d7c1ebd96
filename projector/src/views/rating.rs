//! `rating`: what buyers think of a seller, and of all of them together.

use std::fmt;

use events_schema::Event;
use events_schema::envelope::Recorded;
use events_schema::ids::SellerId;
use events_schema::review::{self, Side};
use serde::{Deserialize, Serialize};
use storage::documents::Collection;

use crate::view::{Order, Poison, Rank, View};

#[derive(Debug)]
pub struct RatingView;

/// As text `sel_…`, or `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Seller(SellerId),
    /// Every review by a buyer, also those that name no seller.
    All,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seller(seller_id) => seller_id.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Document {
    /// How many gave 1, 2, 3, 4, 5 stars.
    pub stars: [u64; 5],
    pub count: u64,
    pub sum: u64,
    /// Hundredths of a star, rounded half up.
    pub average_hundredths: u64,
}

const COLLECTION: Collection = Collection { name: RatingView::NAME, indexes: &[] };

impl View for RatingView {
    type Key = Key;
    type Document = Document;

    const NAME: &'static str = "rating";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Log;
    const RANK: Rank = Rank::Batch;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<Key> {
        match &recorded.event {
            Event::Review(review::Event::Written(event)) if event.side == Side::Buyer => {
                [Some(Key::All), event.subject.seller_id.map(Key::Seller)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Event::Review(_)
            | Event::Like(_)
            | Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Review(review::Event::Written(event)) = &recorded.event else {
            return Ok(document);
        };
        let mut document = document.unwrap_or_default();
        let stars = event.rating.stars();
        if let Some(count) = document.stars.get_mut(usize::from(stars).saturating_sub(1)) {
            *count = count.saturating_add(1);
        }
        document.count = document.count.saturating_add(1);
        document.sum = document.sum.saturating_add(u64::from(stars));
        let doubled = document.sum.saturating_mul(200).saturating_add(document.count);
        document.average_hundredths = doubled / document.count.saturating_mul(2);
        Ok(Some(document))
    }
}

//! `like`: what one person likes, for as long as it is liked.

use events_schema::Event;
use events_schema::envelope::Recorded;
use events_schema::ids::{LikeId, ListingId, PersonId};
use events_schema::like;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct LikeView;

/// The id is the like's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub listing_id: ListingId,
    pub person_id: PersonId,
    pub given_at: Timestamp,
}

const COLLECTION: Collection = Collection {
    name: LikeView::NAME,
    indexes: &[Index { name: "by_person", equals: &["person_id"], sort: "given_at" }],
};

impl View for LikeView {
    type Key = LikeId;
    type Document = Document;

    const NAME: &'static str = "like";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<LikeId> {
        match &recorded.event {
            Event::Like(event) => vec![event.like_id()],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &LikeId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Like(event) = &recorded.event else { return Ok(document) };
        match event {
            like::Event::Given(given) => Ok(Some(Document {
                listing_id: given.subject.listing_id,
                person_id: given.subject.person_id,
                given_at: recorded.meta.occurred_at,
            })),
            like::Event::TakenBack(_) => Ok(None),
        }
    }
}

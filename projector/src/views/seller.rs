//! `seller`: who sells.

use events_schema::Event;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{PersonId, SellerId};
use events_schema::personal::{Contact, Personal};
use events_schema::seller;
use events_schema::text::{Code, Name, Reason};
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct SellerView;

/// The id is the seller's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub seller_id: SellerId,
    /// Of the stream `seller/…`.
    pub version: Version,
    pub owner_id: PersonId,
    pub seller_kind: SellerKind,
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Code>,
    /// Sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Personal<Contact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    pub status: Status,
    /// Why it is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub registered_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Suspended,
}

const COLLECTION: Collection = Collection {
    name: SellerView::NAME,
    indexes: &[
        Index { name: "by_owner", equals: &["owner_id"], sort: "registered_at" },
        Index { name: "by_status", equals: &["status"], sort: "registered_at" },
    ],
};

impl View for SellerView {
    type Key = SellerId;
    type Document = Document;

    const NAME: &'static str = "seller";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<SellerId> {
        match &recorded.event {
            Event::Seller(seller::Event::Registered(event)) => vec![event.seller_id],
            Event::Seller(seller::Event::Suspended(event)) => vec![event.seller_id],
            Event::Seller(seller::Event::Reinstated(event)) => vec![event.seller_id],
            Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
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
        _key: &SellerId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Seller(event) = &recorded.event else { return Ok(document) };
        let version = recorded.meta.version;
        let document = match (event, document) {
            (seller::Event::Registered(event), _) => registered(event, recorded),
            (seller::Event::Suspended(event), Some(document)) => {
                let reason = Some(event.reason.clone());
                Document { version, status: Status::Suspended, reason, ..document }
            }
            (seller::Event::Reinstated(_), Some(document)) => {
                Document { version, status: Status::Active, reason: None, ..document }
            }
            (seller::Event::Suspended(_) | seller::Event::Reinstated(_), None) => {
                return Err(Poison("seller was never registered"));
            }
        };
        Ok(Some(document))
    }
}

fn registered(event: &seller::Registered, recorded: &Recorded<Event>) -> Document {
    Document {
        seller_id: event.seller_id,
        version: recorded.meta.version,
        owner_id: event.owner_id,
        seller_kind: event.seller_kind,
        name: event.name.clone(),
        registration_number: event.registration_number.clone(),
        contact: event.contact.clone(),
        source: event.source.clone(),
        status: Status::Active,
        reason: None,
        registered_at: recorded.meta.occurred_at,
    }
}

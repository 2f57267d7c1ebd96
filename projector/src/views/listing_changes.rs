//! `listing_changes`: who changed what of a listing, and when: one small document a change.

use std::fmt;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded, Version};
use events_schema::ids::ListingId;
use events_schema::listing;
use events_schema::money::Money;
use events_schema::text::Reason;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct ListingChanges;

/// A listing and the version that the change led to. As text `lst_…-0000000003`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub ListingId, pub Version);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:010}", self.0, self.1.0)
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub listing_id: ListingId,
    /// Of the stream `listing/…`, after the change.
    pub version: Version,
    pub position: Position,
    /// The event's type: `listing.price_changed`.
    pub change: String,
    /// Of a price change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_price: Option<Money>,
    /// The price, where the change names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_price: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// `per_…:seller`, `process:import`.
    pub actor: String,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

const COLLECTION: Collection = Collection {
    name: ListingChanges::NAME,
    indexes: &[
        Index { name: "by_listing", equals: &["listing_id"], sort: "version" },
        Index { name: "by_listing_change", equals: &["listing_id", "change"], sort: "version" },
    ],
};

impl View for ListingChanges {
    type Key = Key;
    type Document = Document;

    const NAME: &'static str = "listing_changes";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<Key> {
        match &recorded.event {
            Event::Listing(event) => vec![Key(event.listing_id(), recorded.meta.version)],
            Event::Seller(_)
            | Event::Category(_)
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
        key: &Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Listing(event) = &recorded.event else { return Ok(document) };
        let (old_price, new_price) = prices(event);
        Ok(Some(Document {
            listing_id: key.0,
            version: key.1,
            position: recorded.position,
            change: event.event_type().to_owned(),
            old_price,
            new_price,
            reason: reason(event).cloned(),
            actor: recorded.meta.actor.to_string(),
            occurred_at: recorded.meta.occurred_at,
            recorded_at: recorded.recorded_at,
        }))
    }
}

const fn prices(event: &listing::Event) -> (Option<Money>, Option<Money>) {
    match event {
        listing::Event::Drafted(event) => (None, Some(event.price)),
        listing::Event::Observed(event) => (None, Some(event.price)),
        listing::Event::PriceChanged(event) => (Some(event.old_price), Some(event.new_price)),
        listing::Event::Edited(_)
        | listing::Event::Submitted(_)
        | listing::Event::Approved(_)
        | listing::Event::Rejected(_)
        | listing::Event::Suspended(_)
        | listing::Event::Resumed(_)
        | listing::Event::Withdrawn(_) => (None, None),
    }
}

const fn reason(event: &listing::Event) -> Option<&Reason> {
    match event {
        listing::Event::Rejected(event) => Some(&event.reason),
        listing::Event::Suspended(event) => Some(&event.reason),
        listing::Event::Drafted(_)
        | listing::Event::Edited(_)
        | listing::Event::PriceChanged(_)
        | listing::Event::Submitted(_)
        | listing::Event::Approved(_)
        | listing::Event::Resumed(_)
        | listing::Event::Withdrawn(_)
        | listing::Event::Observed(_) => None,
    }
}

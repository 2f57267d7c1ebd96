//! `review`: one side's opinion of one trade.

use events_schema::Event;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{CheckoutId, OrderId, PersonId, ReviewId, SellerId};
use events_schema::personal::{Comment, Personal};
use events_schema::review::{self, Rating, Side};
use events_schema::time::Timestamp;
use events_schema::trade::Source;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};
use crate::views::anomalies::Anomalies;

#[derive(Debug)]
pub struct ReviewView;

/// The id is the review's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub review_id: ReviewId,
    /// Of the stream `review/…`.
    pub version: Version,
    pub checkout_id: CheckoutId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_id: Option<SellerId>,
    pub buyer_id: PersonId,
    pub side: Side,
    pub rating: Rating,
    /// Sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Personal<Comment>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// How often somebody asked for it to be looked at.
    pub reports: u32,
    pub anomalies: Anomalies,
    pub written_at: Timestamp,
}

const COLLECTION: Collection = Collection {
    name: ReviewView::NAME,
    indexes: &[
        Index { name: "by_seller", equals: &["seller_id"], sort: "written_at" },
        Index { name: "by_seller_side", equals: &["seller_id", "side"], sort: "written_at" },
        Index { name: "by_order", equals: &["order_id"], sort: "written_at" },
        Index { name: "by_checkout", equals: &["checkout_id"], sort: "written_at" },
        Index { name: "by_buyer", equals: &["buyer_id"], sort: "written_at" },
    ],
};

impl View for ReviewView {
    type Key = ReviewId;
    type Document = Document;

    const NAME: &'static str = "review";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<ReviewId> {
        match &recorded.event {
            Event::Review(event) => vec![event.review_id()],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &ReviewId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Review(event) = &recorded.event else { return Ok(document) };
        let at = recorded.meta.occurred_at;
        let mut document = match (event, document) {
            (review::Event::Written(event), None) => written(event, at),
            (_, Some(document)) => document,
            (_, None) => return Err(Poison("review was never written")),
        };
        match event {
            review::Event::Written(_) => {}
            review::Event::Reported(_) => document.reports = document.reports.saturating_add(1),
            review::Event::AnomalyFound(event) => document.anomalies.add(&event.anomaly, at),
        }
        document.version = recorded.meta.version;
        Ok(Some(document))
    }
}

fn written(event: &review::Written, at: Timestamp) -> Document {
    Document {
        review_id: event.review_id,
        version: Version::default(),
        checkout_id: event.subject.checkout_id,
        order_id: event.subject.order_id,
        seller_id: event.subject.seller_id,
        buyer_id: event.subject.buyer_id,
        side: event.side,
        rating: event.rating,
        comment: event.comment.clone(),
        source: event.source.clone(),
        reports: 0,
        anomalies: Anomalies::default(),
        written_at: at,
    }
}

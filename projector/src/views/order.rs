//! `order`: what one buyer buys from one seller, with its money and its parcels.

mod escrow;
mod shipment;

use events_schema::Event;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{CheckoutId, OrderId, PersonId, SellerId};
use events_schema::money::Money;
use events_schema::order::{self, CancelReason, Fee, Line};
use events_schema::personal::{Address, Personal};
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

pub use events_schema::order::Status;

pub use self::escrow::{Escrow, Refund};
pub use self::shipment::{Parcel, ParcelStatus};
use crate::view::{Order, Poison, View};
use crate::views::anomalies::Anomalies;

#[derive(Debug)]
pub struct OrderView;

/// The id is the order's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub order_id: OrderId,
    /// Of the stream `order/…`.
    pub version: Version,
    pub checkout_id: CheckoutId,
    pub seller_id: SellerId,
    pub seller_kind: SellerKind,
    pub buyer_id: PersonId,
    pub status: Status,
    pub lines: Vec<Line>,
    pub items: Money,
    pub shipping: Money,
    pub total: Money,
    pub fee: Fee,
    /// Sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<Address>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<CancelReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    pub escrow: Escrow,
    pub shipments: Vec<Parcel>,
    /// Of the order, its escrow and its parcels.
    pub anomalies: Anomalies,
    pub placed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preparing_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

const COLLECTION: Collection = Collection {
    name: OrderView::NAME,
    indexes: &[
        Index { name: "by_buyer", equals: &["buyer_id"], sort: "placed_at" },
        Index { name: "by_buyer_status", equals: &["buyer_id", "status"], sort: "placed_at" },
        Index { name: "by_seller", equals: &["seller_id"], sort: "placed_at" },
        Index { name: "by_seller_status", equals: &["seller_id", "status"], sort: "placed_at" },
        Index { name: "by_checkout", equals: &["checkout_id"], sort: "placed_at" },
        Index { name: "by_status", equals: &["status"], sort: "placed_at" },
    ],
};

impl View for OrderView {
    type Key = OrderId;
    type Document = Document;

    const NAME: &'static str = "order";
    const VERSION: u32 = 2;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<OrderId> {
        match &recorded.event {
            Event::Order(event) => vec![event.trade().order_id],
            Event::Escrow(event) => vec![event.trade().order_id],
            Event::Shipment(event) => vec![event.trade().order_id],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &OrderId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let at = recorded.meta.occurred_at;
        let mut document = match (&recorded.event, document) {
            (Event::Order(order::Event::Placed(event)), None) => placed(event, at),
            (_, Some(document)) => document,
            (_, None) => return Err(Poison("order was never placed")),
        };
        match &recorded.event {
            Event::Order(event) => {
                document.evolve(event, at);
                document.version = recorded.meta.version;
            }
            Event::Escrow(event) => document.fund(event, at)?,
            Event::Shipment(event) => document.carry(event, recorded.meta.version, at),
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => return Ok(Some(document)),
        }
        document.updated_at = at;
        Ok(Some(document))
    }
}

fn placed(event: &order::Placed, at: Timestamp) -> Document {
    Document {
        order_id: event.trade.order_id,
        version: Version::default(),
        checkout_id: event.trade.checkout_id,
        seller_id: event.trade.seller_id,
        seller_kind: event.seller_kind,
        buyer_id: event.trade.buyer_id,
        status: Status::Placed,
        lines: event.lines.clone(),
        items: event.items,
        shipping: event.shipping,
        total: event.total,
        fee: event.fee,
        address: event.address.clone(),
        cancel_reason: None,
        source: event.source.clone(),
        escrow: Escrow::empty(event.total.currency()),
        shipments: vec![],
        anomalies: Anomalies::default(),
        placed_at: at,
        paid_at: None,
        preparing_at: None,
        shipped_at: None,
        delivered_at: None,
        confirmed_at: None,
        cancelled_at: None,
        updated_at: at,
    }
}

impl Document {
    fn evolve(&mut self, event: &order::Event, at: Timestamp) {
        let (status, since) = match event {
            order::Event::Placed(_) => return,
            order::Event::Paid(_) => (Status::Paid, &mut self.paid_at),
            order::Event::Preparing(_) => (Status::Preparing, &mut self.preparing_at),
            order::Event::Shipped(_) => (Status::Shipped, &mut self.shipped_at),
            order::Event::Delivered(_) => (Status::Delivered, &mut self.delivered_at),
            order::Event::Confirmed(_) => (Status::Confirmed, &mut self.confirmed_at),
            order::Event::Cancelled(event) => {
                self.cancel_reason = Some(event.reason);
                (Status::Cancelled, &mut self.cancelled_at)
            }
            order::Event::AnomalyFound(event) => return self.anomalies.add(&event.anomaly, at),
        };
        *since = Some(at);
        self.status = self.status.max(status);
    }
}

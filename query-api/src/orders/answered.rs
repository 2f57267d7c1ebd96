//! An order as it is answered.

use edge::documented;
use edge::problem::Problem;
use events_schema::envelope::Version;
use events_schema::ids::{CheckoutId, OrderId, PersonId, SellerId, ShipmentId};
use events_schema::money::Money;
use events_schema::order::{CancelReason, Fee, Line};
use events_schema::text::{Code, Name};
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use projector::views::order::{Document, Parcel, ParcelStatus, Refund};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Seat;
use crate::anomalies::Anomalies;
use crate::page::Page;
use crate::personal::Shown;
use crate::state::Queries;

/// What one buyer buys from one seller.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Order {
    order_id: OrderId,
    version: Version,
    checkout_id: CheckoutId,
    seller_id: SellerId,
    seller_kind: SellerKind,
    buyer_id: PersonId,
    /// `placed`, `paid`, `preparing`, `shipped`, `delivered`, `confirmed` or `cancelled`.
    status: &'static str,
    lines: Vec<Line>,
    items: Money,
    shipping: Money,
    total: Money,
    /// What the marketplace keeps; not for the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Fee>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<CancelReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    escrow: Escrow,
    shipments: Vec<Shipment>,
    #[serde(skip_serializing_if = "Anomalies::is_empty")]
    anomalies: Anomalies,
    placed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preparing_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    updated_at: Timestamp,
}

/// `held` = `funded` − `released` − `refunded`.
#[derive(Debug, JsonSchema, Serialize)]
struct Escrow {
    due: Money,
    funded: Money,
    released: Money,
    refunded: Money,
    held: Money,
    refunds: Vec<Refunded>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct Refunded {
    amount: Money,
    reason: events_schema::escrow::RefundReason,
    refunded_at: Timestamp,
}

/// One parcel.
#[derive(Debug, JsonSchema, Serialize)]
struct Shipment {
    shipment_id: ShipmentId,
    version: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<Code>,
    #[schemars(with = "String")]
    status: ParcelStatus,
    /// Where it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picked_up_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_transit_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_at: Option<Timestamp>,
}

/// A page of orders, newest first.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
pub(super) struct Orders(pub(super) Page<Order>);

documented!(Order, Orders);

impl Order {
    /// The order as one of its sides sees it.
    pub(super) async fn seen(
        queries: &Queries,
        order: Document,
        seat: Seat,
    ) -> Result<Self, Problem> {
        let address = Shown::open(queries.sealer(), order.address.as_ref()).await?;
        let fee = (seat != Seat::Buyer).then_some(order.fee);
        Ok(Self {
            order_id: order.order_id,
            version: order.version,
            checkout_id: order.checkout_id,
            seller_id: order.seller_id,
            seller_kind: order.seller_kind,
            buyer_id: order.buyer_id,
            status: order.status.as_str(),
            lines: order.lines,
            items: order.items,
            shipping: order.shipping,
            total: order.total,
            fee,
            address,
            cancel_reason: order.cancel_reason,
            source: order.source,
            escrow: Escrow::from(order.escrow),
            shipments: order.shipments.into_iter().map(Shipment::from).collect(),
            anomalies: Anomalies::from(order.anomalies),
            placed_at: order.placed_at,
            paid_at: order.paid_at,
            preparing_at: order.preparing_at,
            shipped_at: order.shipped_at,
            delivered_at: order.delivered_at,
            confirmed_at: order.confirmed_at,
            cancelled_at: order.cancelled_at,
            updated_at: order.updated_at,
        })
    }
}

impl From<projector::views::order::Escrow> for Escrow {
    fn from(escrow: projector::views::order::Escrow) -> Self {
        let refunded = |refund: Refund| Refunded {
            amount: refund.amount,
            reason: refund.reason,
            refunded_at: refund.refunded_at,
        };
        Self {
            due: escrow.due,
            funded: escrow.funded,
            released: escrow.released,
            refunded: escrow.refunded,
            held: escrow.held,
            refunds: escrow.refunds.into_iter().map(refunded).collect(),
        }
    }
}

impl From<Parcel> for Shipment {
    fn from(parcel: Parcel) -> Self {
        Self {
            shipment_id: parcel.shipment_id,
            version: parcel.version,
            carrier: parcel.carrier,
            tracking_number: parcel.tracking_number,
            status: parcel.status,
            place: parcel.place,
            registered_at: parcel.registered_at,
            picked_up_at: parcel.picked_up_at,
            in_transit_at: parcel.in_transit_at,
            delivered_at: parcel.delivered_at,
            lost_at: parcel.lost_at,
        }
    }
}

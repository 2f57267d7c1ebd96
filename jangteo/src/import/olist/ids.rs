//! Ids derived from the source's keys, so that a second import names everything the same.

use events_schema::ids::{
    CategoryId, CheckoutId, ListingId, ObservationId, OrderId, PersonId, ReviewId, SellerId,
    ShipmentId, TenderId,
};
use uuid::Uuid;

/// The version 5 UUID of `https://jangteo.example/import/olist` in the URL namespace (RFC 9562 §5.5).
pub(crate) const NAMESPACE: Uuid = Uuid::from_u128(0xedfce1793900595299745f8b300428ed);

fn derived(kind: &str, key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{key}").as_bytes())
}

/// A person: the source's `customer_unique_id`.
pub(crate) fn buyer(unique_id: &str) -> PersonId {
    PersonId::new(derived("customer", unique_id))
}

/// The person behind a seller, of whom the source says nothing but that there is one.
pub(crate) fn owner(seller_id: &str) -> PersonId {
    PersonId::new(derived("owner", seller_id))
}

pub(crate) fn seller(seller_id: &str) -> SellerId {
    SellerId::new(derived("seller", seller_id))
}

pub(crate) fn category(name: &str) -> CategoryId {
    CategoryId::new(derived("category", name))
}

/// What one seller offers of one product.
pub(crate) fn listing(product_id: &str, seller_id: &str) -> ListingId {
    ListingId::new(derived("listing", &format!("{product_id}/{seller_id}")))
}

/// The source's order is our checkout.
pub(crate) fn checkout(order_id: &str) -> CheckoutId {
    CheckoutId::new(derived("checkout", order_id))
}

/// What one seller ships of a source's order.
pub(crate) fn order(order_id: &str, seller_id: &str) -> OrderId {
    OrderId::new(derived("order", &format!("{order_id}/{seller_id}")))
}

pub(crate) fn shipment(order_id: &str, seller_id: &str) -> ShipmentId {
    ShipmentId::new(derived("shipment", &format!("{order_id}/{seller_id}")))
}

pub(crate) fn tender(order_id: &str, sequential: u32) -> TenderId {
    TenderId::new(derived("payment", &format!("{order_id}/{sequential}")))
}

/// The key of a review is both ids: 34 review ids stand under several orders.
pub(crate) fn review(review_id: &str, order_id: &str) -> ReviewId {
    ReviewId::new(derived("review", &format!("{review_id}/{order_id}")))
}

/// A scan that the source implies by a date.
pub(crate) fn scan(order_id: &str, seller_id: &str, kind: &str) -> ObservationId {
    ObservationId::new(derived("scan", &format!("{order_id}/{seller_id}/{kind}")))
}

//! One order as tests need it: what does not matter is the same everywhere.

use events_schema::envelope::Version;
use events_schema::order::{
    CancelReason, Cancelled, Confirmed, Delivered, Event, Fee, Line, Paid, Placed, Preparing,
    Shipped,
};
use events_schema::policy::Rounding;
use uuid::Uuid;

use super::{By, Offer, Priced, price};
use crate::ids::{CheckoutId, ListingId, OrderId, PersonId, SellerId, ShipmentId};
use crate::money::{AMOUNT_MINOR_MAX, Currency, Money};
use crate::quantity::Quantity;
use crate::testing::id;
use crate::text::Title;
use crate::trade::{SellerKind, Trade};

pub const TRADE: Trade = Trade {
    checkout_id: CheckoutId::new(Uuid::from_u128(1)),
    order_id: OrderId::new(Uuid::from_u128(2)),
    seller_id: SellerId::new(Uuid::from_u128(3)),
    buyer_id: PersonId::new(Uuid::from_u128(4)),
};
pub const BUYER: By = By::Buyer(TRADE.buyer_id);
pub const SELLER: By = By::Seller(TRADE.seller_id);
pub const STRANGER: By = By::Buyer(PersonId::new(Uuid::from_u128(99)));

/// The history of what does not exist.
pub const NOTHING: [Event; 0] = [];

/// At most [`AMOUNT_MINOR_MAX`].
#[must_use]
pub fn won(amount_minor: u64) -> Money {
    Money::from_minor(amount_minor.min(AMOUNT_MINOR_MAX), Currency::Krw)
        .unwrap_or(Money::zero(Currency::Krw))
}

#[must_use]
pub fn shipment_id(n: u128) -> ShipmentId {
    id(n, ShipmentId::new)
}

/// So many pieces of the n-th listing, at 10,000 won each and 3,000 for shipping.
///
/// # Panics
/// With no piece at all.
#[must_use]
#[expect(clippy::unwrap_used, reason = "only tests call it")]
pub fn an_offer(listing: u128, pieces: u32) -> Offer {
    Offer {
        listing_id: id(listing, ListingId::new),
        option_id: None,
        listing_version: Version(3),
        title: Title::new("겨울 코트").unwrap(),
        price: won(10_000),
        price_difference: None,
        shipping: won(3_000),
        quantity: Quantity::new(pieces).unwrap(),
    }
}

/// Two listings, three pieces: 33,000 won, of which 1,500 are the fee and 150 its VAT.
///
/// # Panics
/// Never, unless pricing is broken.
#[must_use]
#[expect(clippy::unwrap_used, reason = "only tests call it")]
pub fn an_order() -> Placed {
    let Priced { lines, items, shipping, total } =
        price(&[an_offer(1, 2), an_offer(2, 1)]).unwrap();
    placed_with(TRADE, lines, items, shipping, total)
}

fn placed_with(
    trade: Trade,
    lines: Vec<Line>,
    items: Money,
    shipping: Money,
    total: Money,
) -> Placed {
    let fee = Fee {
        policy_version: Version(1),
        rate_bp: 500,
        amount: won(1_500),
        vat_rate_bp: 1_000,
        vat: won(150),
        rounding: Rounding::Down,
    };
    Placed {
        trade,
        seller_kind: SellerKind::Individual,
        lines,
        items,
        shipping,
        total,
        fee,
        address: None,
        source: None,
    }
}

#[must_use]
pub fn total() -> Money {
    won(33_000)
}

#[must_use]
pub fn placed() -> Event {
    an_order().into()
}

#[must_use]
pub fn paid() -> Event {
    Paid { trade: TRADE, amount: total() }.into()
}

#[must_use]
pub fn preparing() -> Event {
    Preparing { trade: TRADE }.into()
}

/// As parcel 1.
#[must_use]
pub fn shipped() -> Event {
    Shipped { trade: TRADE, shipment_id: shipment_id(1) }.into()
}

#[must_use]
pub fn delivered() -> Event {
    Delivered { trade: TRADE }.into()
}

#[must_use]
pub fn confirmed() -> Event {
    Confirmed { trade: TRADE }.into()
}

#[must_use]
pub fn cancelled() -> Event {
    Cancelled { trade: TRADE, reason: CancelReason::BuyerChangedMind }.into()
}

//! Listings for tests: one history per state, and who may ask.

use events_schema::listing::{
    Approved, Condition, Details, Drafted, Edited, Observed, PriceChanged, Rejected, Resumed,
    Submitted, Suspended, Withdrawn,
};
use events_schema::money::{Currency, SignedMoney};

use super::{Event, ListingOption};
use crate::ids::{ListingId, OptionId, PersonId, SellerId};
use crate::money::Money;
use crate::seller::{By, Identity, Seller};
use crate::testing::id;
use crate::text::{Code, Name, Reason, Title};
use crate::trade::{SellerKind, Source};

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn listing_id() -> ListingId {
    id(1, ListingId::new)
}

pub(crate) fn seller_id() -> SellerId {
    id(2, SellerId::new)
}

pub(crate) fn owner() -> By {
    By::Seller(seller_id())
}

pub(crate) fn stranger() -> By {
    By::Seller(id(3, SellerId::new))
}

fn identity() -> Identity {
    Identity {
        seller_id: seller_id(),
        owner_id: id(4, PersonId::new),
        seller_kind: SellerKind::Business,
    }
}

pub(crate) fn active_seller() -> Seller {
    Seller::Active(identity())
}

pub(crate) fn suspended_seller() -> Seller {
    Seller::Suspended(identity())
}

pub(crate) fn won(minor: u64) -> Money {
    Money::from_minor(minor, Currency::Krw).unwrap()
}

pub(crate) fn reason() -> Reason {
    Reason::new("no picture").unwrap()
}

/// The n-th option; its name is its number.
pub(crate) fn option(n: u128, difference: i64) -> ListingOption {
    ListingOption {
        option_id: id(n, OptionId::new),
        name: Name::new(&n.to_string()).unwrap(),
        price_difference: SignedMoney { amount_minor: difference, currency: Currency::Krw },
    }
}

/// Costs 10,000 won and 3,000 for shipping.
pub(crate) fn details(title: &str) -> Details {
    Details {
        title: Title::new(title).unwrap(),
        description: None,
        category_id: None,
        category_ancestors: vec![],
        condition: Condition::Good,
        brand: None,
        region: vec![],
        meeting_point: None,
        tags: vec![],
        images: vec![],
        options: vec![],
        shipping: won(3_000),
    }
}

pub(crate) fn drafted(details: Details) -> Event {
    Drafted {
        listing_id: listing_id(),
        seller_id: seller_id(),
        seller_kind: SellerKind::Business,
        price: won(10_000),
        details,
    }
    .into()
}

pub(crate) fn edited(details: Details) -> Event {
    Edited { listing_id: listing_id(), seller_id: seller_id(), details }.into()
}

pub(crate) fn price_changed(from: u64, to: u64) -> Event {
    PriceChanged {
        listing_id: listing_id(),
        seller_id: seller_id(),
        old_price: won(from),
        new_price: won(to),
    }
    .into()
}

pub(crate) fn submitted() -> Event {
    Submitted { listing_id: listing_id(), seller_id: seller_id() }.into()
}

pub(crate) fn approved() -> Event {
    Approved { listing_id: listing_id(), seller_id: seller_id() }.into()
}

pub(crate) fn rejected() -> Event {
    Rejected { listing_id: listing_id(), seller_id: seller_id(), reason: reason() }.into()
}

pub(crate) fn suspended() -> Event {
    Suspended { listing_id: listing_id(), seller_id: seller_id(), reason: reason() }.into()
}

pub(crate) fn resumed() -> Event {
    Resumed { listing_id: listing_id(), seller_id: seller_id() }.into()
}

pub(crate) fn withdrawn() -> Event {
    Withdrawn { listing_id: listing_id(), seller_id: seller_id() }.into()
}

pub(crate) fn observed(price: u64) -> Observed {
    Observed {
        listing_id: listing_id(),
        seller_id: seller_id(),
        seller_kind: SellerKind::Business,
        price: won(price),
        details: details("자전거"),
        source: Source {
            system: Name::new("olist").unwrap(),
            id: Code::new("p1").unwrap(),
            status: None,
        },
    }
}

pub(crate) fn a_draft() -> Vec<Event> {
    vec![drafted(details("자전거"))]
}

pub(crate) fn a_submitted() -> Vec<Event> {
    [a_draft(), vec![submitted()]].concat()
}

pub(crate) fn a_rejected() -> Vec<Event> {
    [a_submitted(), vec![rejected()]].concat()
}

pub(crate) fn on_sale() -> Vec<Event> {
    [a_submitted(), vec![approved()]].concat()
}

pub(crate) fn a_suspended() -> Vec<Event> {
    [on_sale(), vec![suspended()]].concat()
}

pub(crate) fn a_withdrawn() -> Vec<Event> {
    [on_sale(), vec![withdrawn()]].concat()
}

//! Who takes part, and what is offered.

use edge::token::Caller;
use events_schema::envelope::Role;
use events_schema::ids::{CategoryId, LikeId, ListingId, PersonId, SellerId};
use events_schema::inventory::{self, StockLine};
use events_schema::listing::{self, Condition, Details};
use events_schema::money::{Currency, Money};
use events_schema::quantity::Quantity;
use events_schema::stream::StreamId;
use events_schema::text::{Name, Reason, Title};
use events_schema::trade::SellerKind;
use events_schema::{Event, category, like, policy, seller};

use super::{NOON, Stage, id};

pub(crate) fn seller_id(number: u128) -> SellerId {
    id(100 + number, SellerId::new)
}

pub(crate) fn listing_id(number: u128) -> ListingId {
    id(200 + number, ListingId::new)
}

pub(crate) fn buyer() -> Caller {
    caller(1, Role::Buyer)
}

pub(crate) fn stranger() -> Caller {
    caller(2, Role::Buyer)
}

pub(crate) fn shop(number: u128) -> Caller {
    let seller_id = Some(seller_id(number));
    Caller { seller_id, ..caller(10 + number, Role::Seller) }
}

pub(crate) fn staff(role: Role) -> Caller {
    caller(90, role)
}

fn caller(number: u128, role: Role) -> Caller {
    Caller { person_id: id(number, PersonId::new), roles: vec![role], seller_id: None }
}

pub(crate) fn won(amount: u64) -> Money {
    Money::from_minor(amount, Currency::Krw).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn registered(number: u128) -> Event {
    let owner_id = shop(number).person_id;
    Event::Seller(seller::Event::Registered(seller::Registered {
        seller_id: seller_id(number),
        owner_id,
        seller_kind: SellerKind::Individual,
        name: name("망원상점"),
        registration_number: None,
        contact: None,
        source: None,
    }))
}

pub(crate) fn drafted(number: u128, title: &str, price: u64) -> Event {
    Event::Listing(listing::Event::Drafted(listing::Drafted {
        listing_id: listing_id(number),
        seller_id: seller_id(1),
        seller_kind: SellerKind::Individual,
        price: won(price),
        details: details(title),
    }))
}

fn details(title: &str) -> Details {
    Details {
        title: Title::new(title).unwrap(),
        description: None,
        category_id: Some(id(500, CategoryId::new)),
        category_ancestors: vec![],
        condition: Condition::Good,
        brand: Some(name("삼천리")),
        region: vec![name("서울특별시"), name("마포구")],
        meeting_point: None,
        tags: vec![],
        images: vec![],
        options: vec![],
        shipping: won(3_000),
    }
}

/// Where the goods change hands from now on.
pub(crate) fn met_at(number: u128, title: &str, place: &str) -> Event {
    let details = Details { meeting_point: Some(place.parse().unwrap()), ..details(title) };
    let (listing_id, seller_id) = (listing_id(number), seller_id(1));
    Event::Listing(listing::Event::Edited(listing::Edited { listing_id, seller_id, details }))
}

pub(crate) fn submitted(number: u128) -> Event {
    let (listing_id, seller_id) = (listing_id(number), seller_id(1));
    Event::Listing(listing::Event::Submitted(listing::Submitted { listing_id, seller_id }))
}

pub(crate) fn approved(number: u128) -> Event {
    let (listing_id, seller_id) = (listing_id(number), seller_id(1));
    Event::Listing(listing::Event::Approved(listing::Approved { listing_id, seller_id }))
}

pub(crate) fn suspended(number: u128) -> Event {
    Event::Listing(listing::Event::Suspended(listing::Suspended {
        listing_id: listing_id(number),
        seller_id: seller_id(1),
        reason: Reason::new("가품 신고").unwrap(),
    }))
}

pub(crate) fn resumed(number: u128) -> Event {
    let (listing_id, seller_id) = (listing_id(number), seller_id(1));
    Event::Listing(listing::Event::Resumed(listing::Resumed { listing_id, seller_id }))
}

pub(crate) fn withdrawn(number: u128) -> Event {
    let (listing_id, seller_id) = (listing_id(number), seller_id(1));
    Event::Listing(listing::Event::Withdrawn(listing::Withdrawn { listing_id, seller_id }))
}

pub(crate) fn repriced(number: u128, old: u64, new: u64) -> Event {
    Event::Listing(listing::Event::PriceChanged(listing::PriceChanged {
        listing_id: listing_id(number),
        seller_id: seller_id(1),
        old_price: won(old),
        new_price: won(new),
    }))
}

pub(crate) fn restocked(number: u128, pieces: u32) -> Event {
    Event::Inventory(inventory::Event::Restocked(inventory::Restocked {
        listing_id: listing_id(number),
        line: stock(pieces),
    }))
}

pub(crate) fn stock(pieces: u32) -> StockLine {
    StockLine { option_id: None, quantity: Quantity::new(pieces).unwrap() }
}

pub(crate) fn liked(number: u128, caller: &Caller) -> Event {
    let (like_id, subject) = like_of(number, caller);
    Event::Like(like::Event::Given(like::Given { like_id, subject }))
}

pub(crate) fn unliked(number: u128, caller: &Caller) -> Event {
    let (like_id, subject) = like_of(number, caller);
    Event::Like(like::Event::TakenBack(like::TakenBack { like_id, subject }))
}

fn like_of(number: u128, caller: &Caller) -> (LikeId, like::Subject) {
    let (listing_id, person_id) = (listing_id(number), caller.person_id);
    let like_id = id(1_000 * number + person_id.as_uuid().as_u128(), LikeId::new);
    (like_id, like::Subject { listing_id, seller_id: seller_id(1), person_id })
}

pub(crate) fn created_category() -> Event {
    Event::Category(category::Event::Created(category::Created {
        category_id: id(500, CategoryId::new),
        name: name("자전거"),
        ancestors: vec![],
    }))
}

pub(crate) fn limits(days: i64) -> Event {
    let limits = policy::Limits { price_minor_max: 1, pay_within_s: 1_800, line_quantity_max: 1 };
    Event::Policy(policy::Event::Recorded(policy::Recorded {
        effective_from: NOON.plus_seconds(days * 86_400),
        terms: policy::Terms::Limits(limits),
    }))
}

/// On sale with stock.
pub(crate) async fn on_sale(stage: &Stage, number: u128, title: &str, price: u64) {
    stage.record(vec![drafted(number, title, price), submitted(number)]).await;
    stage.record(vec![approved(number), restocked(number, 10)]).await;
}

/// Whose history an event belongs to.
pub(crate) fn stream_of(event: &Event) -> StreamId {
    match event {
        Event::Seller(seller::Event::Registered(event)) => StreamId::Seller(event.seller_id),
        Event::Seller(seller::Event::Suspended(event)) => StreamId::Seller(event.seller_id),
        Event::Seller(seller::Event::Reinstated(event)) => StreamId::Seller(event.seller_id),
        Event::Category(category::Event::Created(event)) => StreamId::Category(event.category_id),
        Event::Category(category::Event::Renamed(event)) => StreamId::Category(event.category_id),
        Event::Category(category::Event::Retired(event)) => StreamId::Category(event.category_id),
        Event::Listing(event) => StreamId::Listing(event.listing_id()),
        Event::Inventory(event) => StreamId::Inventory(event.listing_id()),
        Event::Checkout(event) => StreamId::Checkout(event.checkout_id()),
        Event::Order(event) => StreamId::Order(event.trade().order_id),
        Event::Escrow(event) => StreamId::Escrow(event.trade().order_id),
        Event::Shipment(event) => StreamId::Shipment(event.shipment_id()),
        Event::Review(event) => StreamId::Review(event.review_id()),
        Event::Like(event) => StreamId::Like(event.like_id()),
        Event::Policy(policy::Event::Recorded(event)) => StreamId::Policy(event.terms.kind()),
    }
}

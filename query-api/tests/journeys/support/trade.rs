//! One trade, from the first draft to the review.

use events_schema::checkout::{self, Share};
use events_schema::envelope::Version;
use events_schema::ids::{
    CheckoutId, ObservationId, OrderId, PersonId, ReviewId, ShipmentId, TenderId,
};
use events_schema::inventory;
use events_schema::money::Money;
use events_schema::order::{self, Fee, Line};
use events_schema::personal::{Address, Comment, Personal};
use events_schema::policy::Rounding;
use events_schema::quantity::Quantity;
use events_schema::review::{self, Rating, Side, Subject};
use events_schema::shipment;
use events_schema::text::{Prose, Reason, Title};
use events_schema::trade::{SellerKind, Tender, TenderMethod, Trade};
use events_schema::{Event, escrow};

use super::market::{
    buyer, created_category, listing_id, name, on_sale, registered, repriced, seller_id, stock, won,
};
use super::{NOON, Stage, id};

pub(crate) const STREET: &str = "월드컵로 1길 23";
pub(crate) const OPINION: &str = "잘 받았습니다";

/// The trade of order `number`, with seller 1 unless it is shared.
pub(crate) fn trade(number: u128) -> Trade {
    Trade {
        checkout_id: id(300 + number, CheckoutId::new),
        order_id: id(400 + number, OrderId::new),
        seller_id: seller_id(1),
        buyer_id: buyer().person_id,
    }
}

fn card(amount: Money) -> Tender {
    Tender {
        tender_id: id(600, TenderId::new),
        method: TenderMethod::Card { instalments: 1 },
        amount,
    }
}

fn share(trade: Trade) -> Share {
    Share { order_id: trade.order_id, seller_id: trade.seller_id, amount: won(13_000) }
}

/// Placed: checkout, order, escrow and stock in one append.
pub(crate) fn placed(trade: Trade, address: Option<Personal<Address>>) -> Vec<Event> {
    let fee = Fee {
        policy_version: Version(1),
        rate_bp: 500,
        amount: won(500),
        vat_rate_bp: 1_000,
        vat: won(50),
        rounding: Rounding::Down,
    };
    let line = Line {
        listing_id: listing_id(1),
        option_id: None,
        listing_version: Version(3),
        title: Title::new("자전거").unwrap(),
        quantity: Quantity::ONE,
        unit_price: won(10_000),
    };
    vec![
        Event::Checkout(checkout::Event::Opened(checkout::Opened {
            checkout_id: trade.checkout_id,
            buyer_id: trade.buyer_id,
            shares: vec![share(trade)],
            total: won(13_000),
            tenders: vec![card(won(13_000))],
            pay_until: NOON.plus_seconds(1_800),
            source: None,
        })),
        Event::Order(order::Event::Placed(order::Placed {
            trade,
            seller_kind: SellerKind::Individual,
            lines: vec![line],
            items: won(10_000),
            shipping: won(3_000),
            total: won(13_000),
            fee,
            address,
            source: None,
        })),
        Event::Escrow(escrow::Event::Opened(escrow::Opened {
            trade,
            due: won(13_000),
            shipping: won(3_000),
            fee: won(500),
            fee_vat: won(50),
        })),
        Event::Inventory(inventory::Event::Reserved(inventory::Reserved {
            listing_id: listing_id(1),
            order_id: trade.order_id,
            lines: vec![stock(1)],
        })),
    ]
}

pub(crate) fn paid(trade: Trade) -> Vec<Event> {
    vec![
        Event::Checkout(checkout::Event::Captured(checkout::Captured {
            checkout_id: trade.checkout_id,
            buyer_id: trade.buyer_id,
            tender: card(won(13_000)),
            shares: vec![share(trade)],
            excess: won(0),
            excess_reason: None,
            reference: None,
        })),
        Event::Escrow(escrow::Event::Funded(escrow::Funded {
            trade,
            tender_id: id(600, TenderId::new),
            method: TenderMethod::Card { instalments: 1 },
            amount: won(13_000),
        })),
        Event::Order(order::Event::Paid(order::Paid { trade, amount: won(13_000) })),
        Event::Inventory(inventory::Event::Committed(inventory::Committed {
            listing_id: listing_id(1),
            order_id: trade.order_id,
            lines: vec![stock(1)],
        })),
    ]
}

pub(crate) fn shipped(trade: Trade) -> Vec<Event> {
    let shipment_id = shipment_id(trade);
    vec![
        Event::Order(order::Event::Preparing(order::Preparing { trade })),
        Event::Shipment(shipment::Event::Registered(shipment::Registered {
            trade,
            shipment_id,
            carrier: name("CJ대한통운"),
            tracking_number: None,
        })),
        Event::Order(order::Event::Shipped(order::Shipped { trade, shipment_id })),
    ]
}

fn shipment_id(trade: Trade) -> ShipmentId {
    ShipmentId::new(trade.order_id.as_uuid())
}

pub(crate) fn scanned(trade: Trade) -> Event {
    Event::Shipment(shipment::Event::Delivered(shipment::Delivered {
        trade,
        shipment_id: shipment_id(trade),
        observation_id: id(700, ObservationId::new),
    }))
}

pub(crate) fn confirmed(trade: Trade) -> Vec<Event> {
    vec![
        Event::Order(order::Event::Delivered(order::Delivered { trade })),
        Event::Order(order::Event::Confirmed(order::Confirmed { trade })),
        Event::Escrow(escrow::Event::Released(escrow::Released {
            trade,
            to_seller: won(9_450),
            shipping: won(3_000),
            fee: won(500),
            fee_vat: won(50),
        })),
    ]
}

pub(crate) fn reviewed(trade: Trade, comment: Option<Personal<Comment>>) -> Event {
    Event::Review(review::Event::Written(review::Written {
        review_id: ReviewId::new(trade.order_id.as_uuid()),
        subject: Subject {
            checkout_id: trade.checkout_id,
            order_id: Some(trade.order_id),
            seller_id: Some(trade.seller_id),
            buyer_id: trade.buyer_id,
        },
        side: Side::Buyer,
        rating: Rating::new(5).unwrap(),
        comment,
        source: None,
    }))
}

/// A passer-by asks for the review to be looked at.
pub(crate) fn reported(trade: Trade) -> Event {
    let Event::Review(review::Event::Written(written)) = reviewed(trade, None) else {
        panic!("nothing was written");
    };
    Event::Review(review::Event::Reported(review::Reported {
        review_id: written.review_id,
        subject: written.subject,
        reporter_id: id(900, PersonId::new),
        reason: Reason::new("insults").unwrap(),
    }))
}

/// A whole trade, from the first draft to the review.
pub(crate) async fn traded(stage: &Stage) -> Trade {
    let trade = trade(1);
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    on_sale(stage, 1, "빨간 자전거", 10_000).await;
    let address = Address {
        recipient: None,
        phone: None,
        postcode: name("04001"),
        region: name("서울특별시"),
        city: name("마포구"),
        street: Some(Prose::new(STREET).unwrap()),
    };
    let address = stage.sealer.seal(trade.buyer_id, &address).await.unwrap();
    stage.record(placed(trade, Some(address))).await;
    stage.record(vec![repriced(1, 10_000, 9_000)]).await;
    stage.record(paid(trade)).await;
    stage.record(shipped(trade)).await;
    stage.record(vec![scanned(trade)]).await;
    stage.record(confirmed(trade)).await;
    let comment = Comment(Prose::new(OPINION).unwrap());
    let comment = stage.sealer.seal(trade.buyer_id, &comment).await.unwrap();
    stage.record(vec![reviewed(trade, Some(comment))]).await;
    stage.settle().await;
    trade
}

/// Two orders of two sellers in one checkout.
pub(crate) fn shared(number: u128) -> (Trade, Vec<Event>) {
    let (trade, mut events) = (trade(number), placed(trade(number), None));
    let other =
        Trade { order_id: id(800 + number, OrderId::new), seller_id: seller_id(2), ..trade };
    if let Some(Event::Checkout(checkout::Event::Opened(opened))) = events.first_mut() {
        opened.shares.push(share(other));
        opened.total = won(26_000);
    }
    let theirs = placed(other, None).into_iter().skip(1);
    events.extend(theirs);
    (other, events)
}

//! What was observed comes late, twice or in another currency: lawful, so it poisons nothing.

use events_schema::Event;
use events_schema::checkout::{self, Captured, Opened, Reduced, Share};
use events_schema::money::{Currency, Money};
use projector::view::fold;
use projector::views::checkout::{CheckoutView, Document, Status, TenderStatus};
use projector::views::order::{OrderView, Status as OrderStatus};

use crate::market::{Market, PAID, PLACED, SHIPPED, example, id};

fn status(market: &Market) -> OrderStatus {
    let key = id("ord", 1).parse().unwrap();
    fold::<OrderView>(&key, &market.events).unwrap().document.unwrap().status
}

fn checkout(market: &Market) -> Document {
    let key = id("chk", 1).parse().unwrap();
    fold::<CheckoutView>(&key, &market.events).unwrap().document.unwrap()
}

fn opened() -> Opened {
    let Event::Checkout(checkout::Event::Opened(opened)) = example("checkout.opened", 1, 1) else {
        panic!("the example opens nothing");
    };
    opened
}

fn captured() -> Captured {
    let Event::Checkout(checkout::Event::Captured(captured)) = example("checkout.captured", 1, 1)
    else {
        panic!("the example captures nothing");
    };
    captured
}

fn captured_in_dollars() -> Event {
    let captured = captured();
    let dollars = Money::from_minor(500, Currency::Usd).unwrap();
    let mut tender = captured.tender.clone();
    tender.tender_id = id("tnd", 9).parse().unwrap();
    tender.amount = dollars;
    let captured = Captured { tender, shares: vec![], excess: dollars, ..captured };
    Event::Checkout(checkout::Event::Captured(captured))
}

#[test]
fn a_step_that_is_learnt_late_takes_an_order_back_nowhere() {
    let late_payment = Market::of(&[PLACED, SHIPPED, &["order.paid"]]);
    assert_eq!(status(&late_payment), OrderStatus::Shipped);
    let cancelled = Market::of(&[PLACED, PAID, &["order.cancelled", "order.delivered"]]);
    assert_eq!(status(&cancelled), OrderStatus::Cancelled);
}

#[test]
fn money_in_another_currency_stands_with_its_tender_alone() {
    for dollars_first in [true, false] {
        let mut market = Market::of(&[&["checkout.opened"]]);
        if dollars_first {
            market.record(captured_in_dollars(), 1);
        }
        market.happens("checkout.captured", 1, 1);
        if !dollars_first {
            market.record(captured_in_dollars(), 1);
        }
        let checkout = checkout(&market);
        assert_eq!(checkout.status, Status::Paid);
        assert_eq!(checkout.captured, checkout.total);
        let captured = checkout.tenders.iter().filter(|it| it.status == TenderStatus::Captured);
        assert_eq!(captured.count(), 2);
    }
}

#[test]
fn money_that_came_before_the_checkout_was_opened_is_counted_in_its_currency() {
    let mut market = Market::of(&[]);
    market.record(captured_in_dollars(), 1);
    assert_eq!(checkout(&market).captured.map(Money::currency), Some(Currency::Usd));
    market.happens("checkout.opened", 1, 1);
    assert_eq!(checkout(&market).captured, None);
    market.happens("checkout.captured", 1, 1);
    assert_eq!(checkout(&market).status, Status::Paid);
}

/// Orders of 100 and 60 won, of which a first tender brought 80: 50 to the one, 30 to the other.
fn half_paid() -> Market {
    let won = |minor| Money::from_minor(minor, Currency::Krw).unwrap();
    let share = |order: u32, minor| Share {
        order_id: id("ord", order).parse().unwrap(),
        amount: won(minor),
        ..opened().shares[0]
    };
    let shares = vec![share(1, 100), share(2, 60)];
    let mut market = Market::of(&[]);
    let both = Opened { shares, total: won(160), tenders: vec![], ..opened() };
    market.record(checkout::Event::Opened(both).into(), 1);
    let mut first = Captured { shares: vec![share(1, 50), share(2, 30)], ..captured() };
    first.tender.amount = won(80);
    market.record(checkout::Event::Captured(first).into(), 1);
    let Opened { checkout_id, buyer_id, .. } = opened();
    let (share, allocated, total) = (share(1, 100), won(50), won(60));
    let reduced = Reduced { checkout_id, buyer_id, share, allocated, total };
    market.record(checkout::Event::Reduced(reduced).into(), 1);
    market
}

#[test]
fn what_a_cancelled_order_had_got_pays_no_other_order() {
    let mut market = half_paid();
    let reduced = checkout(&market);
    assert_eq!((reduced.status, reduced.shares.len()), (Status::Open, 1));
    let minor = |money: Option<Money>| money.unwrap().amount_minor();
    assert_eq!((minor(reduced.total), minor(reduced.given_back)), (60, 50));
    let mut rest = captured();
    rest.tender.tender_id = id("tnd", 9).parse().unwrap();
    rest.tender.amount = Money::from_minor(30, Currency::Krw).unwrap();
    rest.shares = vec![Share { amount: rest.tender.amount, ..reduced.shares[0] }];
    market.record(checkout::Event::Captured(rest).into(), 1);
    assert_eq!((checkout(&market).status, minor(checkout(&market).captured)), (Status::Paid, 110));
}

#[test]
fn a_checkout_of_gifts_is_paid_when_it_is_opened() {
    let nothing = Money::zero(Currency::Krw);
    let mut opened = opened();
    opened.shares.iter_mut().for_each(|share| share.amount = nothing);
    let gift = Opened { total: nothing, tenders: vec![], ..opened };
    let mut market = Market::of(&[]);
    market.record(checkout::Event::Opened(gift).into(), 1);
    assert_eq!(checkout(&market).status, Status::Paid);
}

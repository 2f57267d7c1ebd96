//! What was observed comes late, twice or in another currency: lawful, so it poisons nothing.

use events_schema::Event;
use events_schema::checkout::{self, Captured, Opened};
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

fn captured_in_dollars() -> Event {
    let Event::Checkout(checkout::Event::Captured(captured)) = example("checkout.captured", 1, 1)
    else {
        panic!("the example captures nothing");
    };
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

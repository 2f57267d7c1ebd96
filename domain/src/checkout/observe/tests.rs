//! Every report of a payment, in any state.

use events_schema::checkout::Captured;

use super::*;
use crate::checkout::testing::{
    LATE, NOTHING, authorised, cancelled, cancelled_because, captured, captured_with, declined,
    opened, reduced, share, tender, tender_id, the_tender, unknown,
};
use crate::money::Currency;
use crate::order::testing::{TRADE, won};
use crate::testing::{NOON, given};
use crate::text::Name;
use crate::trade::Source;

fn seen(fact: Fact) -> Observation {
    Observation { checkout_id: TRADE.checkout_id, buyer_id: TRADE.buyer_id, fact }
}

fn money_came(tender: Tender, at: Timestamp) -> Observation {
    seen(Fact::Captured { tender, reference: None, at })
}

fn found(kind: AnomalyKind, expected: Option<&str>, observed: Option<&str>) -> Event {
    let anomaly = anomaly(kind, expected.map(Into::into), observed.map(Into::into));
    AnomalyFound { checkout_id: TRADE.checkout_id, buyer_id: TRADE.buyer_id, anomaly }.into()
}

/// What another system knew: no order, no announced tender.
fn without_items() -> Opened {
    let source =
        Source { system: Name::new("olist").unwrap(), id: Code::new("1").unwrap(), status: None };
    Opened {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        shares: vec![],
        total: won(0),
        tenders: vec![],
        pay_until: NOON.plus_seconds(1_800),
        source: Some(source),
    }
}

fn boleto(n: u128, amount_minor: u64) -> Tender {
    let method = TenderMethod::Other { source_name: Code::new("boleto").unwrap() };
    Tender { method, ..tender(n, amount_minor) }
}

fn excess(tender: Tender, reason: ExcessReason) -> Event {
    let known = unheard_of(TRADE.checkout_id, TRADE.buyer_id);
    let amount = tender.amount;
    let mut captured = known.captured(tender, None, (vec![], amount));
    captured.excess_reason = Some(reason).filter(|_| !amount.is_zero());
    captured.into()
}

#[test]
fn what_was_announced_is_captured_without_an_anomaly() {
    given::<Checkout>([opened()])
        .when_observed(money_came(the_tender(1), NOON))
        .then([captured(1)]);
}

#[test]
fn money_is_captured_once_and_another_amount_is_named_once() {
    given::<Checkout>([opened(), captured(1)])
        .when_observed(money_came(the_tender(1), LATE))
        .then_nothing();
    let other = found(AnomalyKind::CapturedUnannounced, Some("60 KRW"), Some("61 KRW"));
    given::<Checkout>([opened(), captured(1)])
        .when_observed(money_came(tender(1, 61), NOON))
        .then([other.clone()]);
    given::<Checkout>([opened(), captured(1), other])
        .when_observed(money_came(tender(1, 61), NOON))
        .then_nothing();
}

#[test]
fn a_tender_that_is_charged_twice_keeps_the_second_charge_aside() {
    let charge = |name: &str| {
        let reference = Code::new(name).ok();
        seen(Fact::Captured { tender: the_tender(1), reference, at: NOON })
    };
    let first = given::<Checkout>([opened()]).0.observe(charge("toss-1"));
    let history = || [opened()].into_iter().chain(first.clone());
    given::<Checkout>(history()).when_observed(charge("toss-1")).then_nothing();
    given::<Checkout>(history()).when_observed(money_came(the_tender(1), NOON)).then_nothing();
    let second = given::<Checkout>(history()).0.observe(charge("toss-2"));
    let [Event::Captured(captured), overpaid] = second.as_slice() else {
        panic!("{second:?}");
    };
    assert_eq!((captured.shares.as_slice(), captured.excess), (&[][..], the_tender(1).amount));
    assert_eq!(captured.excess_reason, Some(ExcessReason::Overpaid));
    assert_eq!(*overpaid, found(AnomalyKind::Overpaid, None, None));
    given::<Checkout>(history().chain(second.clone()))
        .when_observed(charge("toss-2"))
        .then_nothing();
}

#[test]
fn money_that_nobody_announced_is_recorded_and_named() {
    given::<Checkout>([opened(), captured(1), captured(2)])
        .when_observed(money_came(tender(3, 5), NOON))
        .then([
            excess(tender(3, 5), ExcessReason::Overpaid),
            found(AnomalyKind::CapturedUnannounced, None, Some("5 KRW")),
            found(AnomalyKind::Overpaid, None, None),
        ]);
    given::<Checkout>(NOTHING).when_observed(money_came(tender(3, 5), NOON)).then([
        excess(tender(3, 5), ExcessReason::NoOrder),
        found(AnomalyKind::NeverPlaced, None, None),
    ]);
}

#[test]
fn money_in_another_currency_belongs_to_no_order() {
    let amount = Money::from_minor(5, Currency::Brl).unwrap();
    let reais = Tender { amount, ..tender(3, 5) };
    given::<Checkout>([opened()]).when_observed(money_came(reais.clone(), NOON)).then([
        excess(reais, ExcessReason::Overpaid),
        found(AnomalyKind::CapturedUnannounced, None, Some("0.05 BRL")),
        found(AnomalyKind::Overpaid, None, None),
    ]);
}

#[test]
fn money_after_the_end_goes_to_no_order() {
    given::<Checkout>([opened(), cancelled()]).when_observed(money_came(the_tender(1), NOON)).then(
        [
            excess(the_tender(1), ExcessReason::AfterEnd),
            found(AnomalyKind::CapturedAfterEnd, None, Some(&tender_id(1).to_string())),
        ],
    );
}

#[test]
fn less_is_asked_once_an_order_is_cancelled_and_the_old_amount_is_named() {
    let Event::Captured(less) = captured_with(2, vec![share(2, 30)], 0, None) else {
        unreachable!("a capture was asked for")
    };
    given::<Checkout>([opened(), reduced(1, 0)])
        .when_observed(money_came(tender(2, 30), NOON))
        .then([Captured { tender: tender(2, 30), ..less }]);
    let over = captured_with(2, vec![share(2, 30)], 10, Some(ExcessReason::Overpaid));
    given::<Checkout>([opened(), authorised(2), reduced(1, 0)])
        .when_observed(money_came(the_tender(2), NOON))
        .then([over, found(AnomalyKind::Overpaid, None, None)]);
}

#[test]
fn late_money_is_taken_and_named_once() {
    let until = "2023-11-14T22:43:20.000000Z";
    let late = found(AnomalyKind::ApprovedLate, Some(until), Some("2023-11-14T22:43:21.000000Z"));
    given::<Checkout>([opened()])
        .when_observed(money_came(the_tender(1), LATE))
        .then([captured(1), late.clone()]);
    given::<Checkout>([opened(), captured(1), late])
        .when_observed(money_came(the_tender(2), LATE))
        .then([captured(2)]);
}

#[test]
fn a_checkout_without_items_keeps_its_money_aside() {
    given::<Checkout>(NOTHING)
        .when_observed(seen(Fact::Opened(without_items())))
        .then([without_items().into(), found(AnomalyKind::NoItems, None, None)]);
    given::<Checkout>([without_items()])
        .when_observed(money_came(boleto(1, 7), NOON))
        .then([excess(boleto(1, 7), ExcessReason::NoOrder)]);
    given::<Checkout>([without_items()]).when_observed(money_came(boleto(2, 0), NOON)).then([
        excess(boleto(2, 0), ExcessReason::NoOrder),
        found(AnomalyKind::UndefinedTender, None, Some(&tender_id(2).to_string())),
    ]);
    given::<Checkout>([without_items()])
        .when_observed(seen(Fact::Settled { approved: true }))
        .then_nothing();
}

#[test]
fn what_is_missing_at_the_end_is_named() {
    given::<Checkout>([opened(), captured(1)])
        .when_observed(seen(Fact::Settled { approved: true }))
        .then([found(AnomalyKind::Underpaid, Some("100 KRW"), Some("60 KRW"))]);
    given::<Checkout>([opened(), captured(1), reduced(2, 18)])
        .when_observed(seen(Fact::Settled { approved: true }))
        .then([found(AnomalyKind::Underpaid, Some("70 KRW"), Some("42 KRW"))]);
    given::<Checkout>([opened(), captured(1), captured(2)])
        .when_observed(seen(Fact::Settled { approved: true }))
        .then_nothing();
}

#[test]
fn money_that_nobody_approved_is_named() {
    let unapproved = || seen(Fact::Settled { approved: false });
    given::<Checkout>([opened(), captured(1), captured(2)])
        .when_observed(unapproved())
        .then([found(AnomalyKind::PaidWithoutApproval, None, None)]);
    given::<Checkout>([
        opened(),
        captured(1),
        captured(2),
        found(AnomalyKind::PaidWithoutApproval, None, None),
    ])
    .when_observed(unapproved())
    .then_nothing();
}

fn refused(n: u128) -> Observation {
    let reason = DeclineReason::InsufficientFunds;
    seen(Fact::Declined { tender_id: tender_id(n), reason, reference: None })
}

#[test]
fn the_answer_resolves_what_was_unknown() {
    let lost = || seen(Fact::Unknown { tender_id: tender_id(1), reference: None });
    given::<Checkout>([opened(), authorised(1)]).when_observed(lost()).then([unknown(1)]);
    given::<Checkout>([opened(), unknown(1)]).when_observed(lost()).then_nothing();
    given::<Checkout>([opened(), unknown(1)]).when_observed(refused(1)).then([declined(1)]);
    given::<Checkout>([opened(), unknown(1)])
        .when_observed(money_came(the_tender(1), NOON))
        .then([captured(1)]);
}

#[test]
fn the_last_declined_tender_ends_the_checkout() {
    given::<Checkout>([opened(), declined(1)])
        .when_observed(refused(2))
        .then([declined(2), cancelled_because(EndReason::PaymentDeclined)]);
    given::<Checkout>([opened(), captured(1)]).when_observed(refused(1)).then([
        declined(1),
        found(AnomalyKind::StatusUnexplained, Some("captured"), Some("declined")),
    ]);
}

#[test]
fn a_late_promise_does_not_undo_a_capture() {
    let promise = || seen(Fact::Authorised { tender: the_tender(1), reference: None });
    given::<Checkout>([opened(), captured(1)]).when_observed(promise()).then([authorised(1)]);
    given::<Checkout>([opened(), captured(1), authorised(1)])
        .when_observed(money_came(the_tender(1), NOON))
        .then_nothing();
    given::<Checkout>([opened(), authorised(1)]).when_observed(promise()).then_nothing();
}

#[test]
fn an_end_that_was_observed_is_recorded_paid_or_not() {
    let end = cancelled_because(EndReason::Observed);
    given::<Checkout>([opened()]).when_observed(seen(Fact::Cancelled)).then([end.clone()]);
    given::<Checkout>([opened(), end.clone()]).when_observed(seen(Fact::Cancelled)).then_nothing();
    given::<Checkout>([opened(), captured(1), captured(2)])
        .when_observed(seen(Fact::Cancelled))
        .then([end, found(AnomalyKind::StatusUnexplained, Some("paid"), Some("cancelled"))]);
}

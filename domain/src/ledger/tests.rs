//! Each event's postings, and both ways to a balance.

use super::*;
use crate::checkout::testing as checkouts;
use crate::checkout::testing::{share, tender};
use crate::escrow::testing as escrows;
use crate::order::testing::{placed, won};
use crate::text::Code;
use crate::trade::Tender;

fn booked(event: impl Into<Event>) -> Vec<(String, i64)> {
    let postings = postings(&event.into()).unwrap();
    assert_eq!(postings.iter().map(|posting| posting.amount.amount_minor).sum::<i64>(), 0);
    let plain = |posting: Posting| (posting.account.to_string(), posting.amount.amount_minor);
    postings.into_iter().map(plain).collect()
}

fn captured_by(method: TenderMethod, excess: u64, reason: Option<ExcessReason>) -> Event {
    let checkout::Event::Captured(captured) =
        checkouts::captured_with(1, vec![share(1, 60_u64.saturating_sub(excess))], excess, reason)
    else {
        unreachable!("a capture was asked for")
    };
    let tender = Tender { method, ..tender(1, 60) };
    checkout::Event::Captured(Captured { tender, ..captured }).into()
}

fn lines(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(account, amount)| ((*account).to_owned(), *amount)).collect()
}

#[test]
fn a_capture_is_owed_by_whoever_has_the_money() {
    let boleto = TenderMethod::Other { source_name: Code::new("boleto").unwrap() };
    for (method, receivable, tender) in [
        (escrows::CARD, "gateway_receivable:card", "buyer_tender:card"),
        (boleto, "gateway_receivable:other:boleto", "buyer_tender:other:boleto"),
        (TenderMethod::Voucher {}, "promotion", "buyer_tender:voucher"),
        (TenderMethod::Points {}, "promotion", "buyer_tender:points"),
        (TenderMethod::InPerson {}, "in_person_receivable", "buyer_tender:in_person"),
    ] {
        let expected = lines(&[(receivable, 60), (tender, -60)]);
        assert_eq!(booked(captured_by(method, 0, None)), expected);
    }
}

#[test]
fn what_no_order_explains_stands_on_suspense_by_name() {
    let all = lines(&[
        ("gateway_receivable:card", 60),
        ("buyer_tender:card", -50),
        ("suspense:overpaid", -10),
    ]);
    assert_eq!(booked(captured_by(escrows::CARD, 10, Some(ExcessReason::Overpaid))), all);
    assert_eq!(booked(captured_by(escrows::CARD, 10, None)), all);
    for (reason, account) in [
        (None, "suspense:no_order"),
        (Some(ExcessReason::NoOrder), "suspense:no_order"),
        (Some(ExcessReason::Overpaid), "suspense:overpaid"),
        (Some(ExcessReason::AfterEnd), "suspense:late"),
    ] {
        let captured = checkouts::captured_with(1, vec![], 60, reason);
        assert_eq!(booked(captured), lines(&[("gateway_receivable:card", 60), (account, -60)]));
    }
}

#[test]
fn the_escrow_is_filled_and_emptied() {
    assert_eq!(booked(escrows::funded(1, 5)), lines(&[("buyer_tender:card", 5), ("escrow", -5)]));
    assert_eq!(
        booked(escrows::released()),
        lines(&[
            ("escrow", 33_000),
            ("seller_payable", -28_350),
            ("shipping_payable", -3_000),
            ("platform_fee", -1_500),
            ("vat_payable", -150),
        ])
    );
    assert_eq!(
        booked(escrows::refunded(&[(2, 3), (1, 4)])),
        lines(&[("escrow", 7), ("refund_payable:card", -3), ("refund_payable:card", -4)])
    );
}

#[test]
fn what_moves_no_money_is_not_booked() {
    assert_eq!(booked(placed()), []);
    assert_eq!(booked(checkouts::authorised(1)), []);
    assert_eq!(booked(checkouts::reduced(1, 5)), []);
    assert_eq!(booked(escrows::opened()), []);
}

#[test]
fn parts_that_do_not_add_up_are_an_error() {
    let captured = checkouts::captured_with(1, vec![share(1, 60)], 1, None);
    assert_eq!(postings(&captured.into()), Err(Error::Unbalanced("checkout.captured")));
    let escrow::Event::Refunded(refunded) = escrows::refunded(&[(1, 5)]) else {
        unreachable!("a refund was asked for")
    };
    let refunded = escrow::Event::Refunded(Refunded { amount: won(6), ..refunded });
    assert_eq!(postings(&refunded.into()), Err(Error::Unbalanced("escrow.refunded")));
}

#[test]
fn both_ways_to_a_balance_agree() {
    let events: Vec<Event> = vec![
        checkouts::captured_with(1, vec![share(1, 50)], 10, None).into(),
        checkouts::captured_with(2, vec![], 40, Some(ExcessReason::AfterEnd)).into(),
        escrows::funded(1, 50).into(),
        escrows::refunded(&[(1, 20)]).into(),
    ];
    let sums = balances(&events).unwrap();
    assert_eq!(sums, expected_balances(&events).unwrap());
    let plain: Vec<_> =
        sums.iter().map(|((account, _), sum)| (account.to_string(), sum.amount_minor)).collect();
    assert_eq!(
        plain,
        lines(&[
            ("gateway_receivable:card", 100),
            ("escrow", -30),
            ("refund_payable:card", -20),
            ("suspense:overpaid", -10),
            ("suspense:late", -40),
        ])
    );
}

//! Laws of one escrow, whatever is asked of it or reported to it.

use domain::decider::{Decider, Observer};
use domain::escrow::{
    Command, Escrow, Event, Fact, Fund, Funding, Observation, Open, Refund, RefundAmount,
    RefundReason, Release, Terms,
};
use domain::ids::{CheckoutId, OrderId, PersonId, SellerId, TenderId};
use domain::money::{Currency, Money};
use domain::trade::{TenderMethod, Trade};
use proptest::prelude::{Just, Strategy, prop_oneof};
use uuid::Uuid;

use crate::for_all;
use crate::market::observe_twice;

#[derive(Clone, Debug)]
enum Step {
    Asked(Command),
    Reported(Fact),
}

fn won(minor: u64) -> Money {
    Money::from_minor(minor, Currency::Krw).unwrap()
}

const fn trade() -> Trade {
    let nil = Uuid::nil();
    Trade {
        checkout_id: CheckoutId::new(nil),
        order_id: OrderId::new(nil),
        seller_id: SellerId::new(nil),
        buyer_id: PersonId::new(nil),
    }
}

fn any() -> impl Strategy<Value = Step> {
    let terms = Terms { due: won(100), shipping: won(10), fee: won(5), fee_vat: won(1) };
    let fund = || {
        (0_u128..5, 0_u64..120).prop_map(|(n, amount)| Fund {
            tender_id: TenderId::new(Uuid::from_u128(n)),
            method: TenderMethod::Points {},
            amount: won(amount),
        })
    };
    let amount = prop_oneof![
        3 => (0_u64..60).prop_map(|amount| RefundAmount::Part(won(amount))),
        1 => Just(RefundAmount::Whole),
    ];
    let refund = amount.prop_map(|amount| Refund { amount, reason: RefundReason::OrderCancelled });
    prop_oneof![
        1 => Just(Step::Asked(Command::Open(Open { trade: trade(), terms }))),
        1 => Just(Step::Reported(Fact::Opened(terms))),
        3 => fund().prop_map(|fund| Step::Asked(Command::Fund(fund))),
        2 => fund().prop_map(|fund| Step::Reported(Fact::Funded(fund))),
        2 => refund.prop_map(|refund| Step::Asked(Command::Refund(refund))),
        1 => Just(Step::Asked(Command::Release(Release))),
    ]
}

/// What went in, and what went out.
fn sums(history: &[Event]) -> (u64, u64) {
    history.iter().fold((0, 0), |(funded, out), event| match event {
        Event::Funded(it) => (funded + it.amount.amount_minor(), out),
        Event::Refunded(it) => (funded, out + it.amount.amount_minor()),
        Event::Released(it) => {
            let parts = [it.to_seller, it.shipping, it.fee, it.fee_vat];
            (funded, out + parts.iter().map(|part| part.amount_minor()).sum::<u64>())
        }
        Event::Opened(_) | Event::AnomalyFound(_) => (funded, out),
    })
}

#[test]
fn nothing_leaves_an_escrow_that_did_not_enter_it() {
    for_all(2_000, &proptest::collection::vec(any(), 1..40), |steps| {
        let (mut escrow, mut history) = (Escrow::default(), vec![]);
        for step in steps {
            let events = match step {
                Step::Asked(command) => escrow.decide(command).unwrap_or_default(),
                Step::Reported(fact) => {
                    let observation = || Observation { trade: trade(), fact: fact.clone() };
                    let events = observe_twice(&escrow, observation);
                    assert_eq!(events, escrow.observe(observation()));
                    events
                }
            };
            for event in events {
                escrow = escrow.evolve(&event);
                history.push(event);
            }
            let (funded, out) = sums(&history);
            assert!(out <= funded, "{out} left, {funded} came");
            if let Escrow::Held(held) | Escrow::Released(held) = &escrow {
                let refunded_within = |it: &Funding| it.amount.checked_sub(it.refunded).is_ok();
                assert!(held.fundings.iter().all(refunded_within), "{held:?}");
            }
            let balance = escrow.balance().map_or(0, Money::amount_minor);
            assert_eq!(balance, funded - out);
        }
        Ok(())
    });
}

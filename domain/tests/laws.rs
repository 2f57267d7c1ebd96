//! Laws that hold over every history: random commands and reports against a small market.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground is missing")]

#[path = "laws/action.rs"]
mod action;
#[path = "laws/allocation.rs"]
mod allocation;
#[path = "laws/escrow.rs"]
mod escrow;
#[path = "laws/like.rs"]
mod like;
#[path = "laws/market.rs"]
mod market;
#[path = "laws/payment.rs"]
mod payment;
#[path = "laws/trade.rs"]
mod trade;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// The same cases on every run.
fn for_all<S: Strategy>(
    cases: u32,
    strategy: &S,
    law: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, law).unwrap();
}

#[test]
fn every_history_keeps_the_invariants() {
    let actions = action::history(0..60);
    for_all(300, &actions, |actions| {
        let mut market = market::Market::default();
        for action in actions {
            market.act(action);
            market.check();
        }
        market.check_replay();
        market.check_repeated_reports();
        Ok(())
    });
}

#[test]
fn random_histories_reach_the_far_ends() {
    let actions = action::history(120);
    let reached = RefCell::new(BTreeMap::<&str, u32>::new());
    for_all(200, &actions, |actions| {
        let mut market = market::Market::default();
        actions.into_iter().for_each(|action| market.act(action));
        market.check();
        for event in &market.log {
            *reached.borrow_mut().entry(event.event_type()).or_default() += 1;
        }
        Ok(())
    });
    let reached = reached.into_inner();
    let ours = ["checkout.", "order.", "escrow.", "shipment."];
    for (event_type, _) in events_schema::Event::types() {
        // An escrow in this market gets captured money only; its own law reports other money too.
        if event_type == "escrow.anomaly_found"
            || !ours.iter().any(|aggregate| event_type.starts_with(aggregate))
        {
            continue;
        }
        let times = reached.get(event_type).copied().unwrap_or(0);
        assert!(times >= 20, "{event_type} happens only {times} times: {reached:?}");
    }
}

//! Every fact of another system, in any state.

use super::*;
use crate::decider::Decider;
use crate::order::testing::{
    NOTHING, TRADE, an_order, cancelled, delivered, paid, placed, preparing, shipment_id, shipped,
    total,
};
use crate::testing::{NOON, given};

fn seen(fact: Fact) -> Observation {
    Observation { trade: TRADE, instants: Instants::default(), fact }
}

fn at(fact: Fact, approved: i64, handed_over: i64, delivered: i64) -> Observation {
    let instant = |hour: i64| Some(NOON.plus_seconds(hour.saturating_mul(3_600)));
    let instants = Instants {
        approved_at: instant(approved),
        handed_over_at: instant(handed_over),
        delivered_at: instant(delivered),
    };
    Observation { trade: TRADE, instants, fact }
}

fn reported(status: Status) -> Observation {
    seen(Fact::StatusReported { status })
}

fn found(kind: AnomalyKind, expected: Option<&str>, observed: Option<&str>) -> Event {
    let code = |text: Option<&str>| text.map(|text| Code::new(text).unwrap());
    let anomaly = Anomaly { kind, expected: code(expected), observed: code(observed) };
    AnomalyFound { trade: TRADE, anomaly }.into()
}

fn called_off() -> Event {
    Cancelled { trade: TRADE, reason: CancelReason::Observed }.into()
}

fn shipped_fact() -> Fact {
    Fact::Shipped { shipment_id: shipment_id(1) }
}

fn all_facts() -> Vec<Fact> {
    let mut facts = vec![
        Fact::Placed(Box::new(an_order())),
        Fact::Paid { amount: total() },
        Fact::Preparing,
        shipped_fact(),
        Fact::Delivered,
        Fact::Confirmed,
        Fact::Cancelled,
    ];
    facts.extend(Status::ALL.map(|status| Fact::StatusReported { status }));
    facts
}

#[test]
fn an_orderly_history_has_no_anomaly() {
    let history = [placed(), paid(), preparing(), shipped(), delivered()];
    for (step, fact) in all_facts().into_iter().take(history.len()).enumerate() {
        given::<Order>(history[..step].iter().cloned())
            .when_observed(at(fact, 1, 2, 3))
            .then([history[step].clone()]);
    }
    given::<Order>(history).when_observed(reported(Status::Delivered)).then_nothing();
}

#[test]
fn whatever_was_seen_is_not_recorded_twice() {
    for first in all_facts() {
        for second in all_facts() {
            let mut order = Order::default();
            for fact in [first.clone(), second.clone()] {
                for event in order.clone().observe(at(fact.clone(), 3, 2, 1)) {
                    order = order.evolve(&event);
                }
                assert_eq!(order.observe(at(fact, 3, 2, 1)), [], "{first:?}, {second:?}");
            }
            // Only a status is weighed against all that came in between.
            if !matches!(first, Fact::StatusReported { .. }) {
                let again = order.observe(at(first.clone(), 3, 2, 1));
                assert_eq!(again, [], "{first:?}, {second:?}, again");
            }
        }
    }
}

#[test]
fn what_nobody_placed_is_recorded_all_the_same() {
    given::<Order>(NOTHING)
        .when_observed(seen(shipped_fact()))
        .then([shipped(), found(AnomalyKind::NeverPlaced, None, None)]);
    given::<Order>(NOTHING).when_observed(reported(Status::Paid)).then([found(
        AnomalyKind::StatusUnexplained,
        None,
        Some("paid"),
    )]);
}

#[test]
fn instants_tell_what_came_too_early() {
    let (noon, one) = ("2023-11-14T22:13:20.000000Z", "2023-11-14T23:13:20.000000Z");
    given::<Order>([placed()])
        .when_observed(at(shipped_fact(), 1, 0, 2))
        .then([shipped(), found(AnomalyKind::HandedOverBeforeApproval, Some(one), Some(noon))]);
    given::<Order>([placed(), paid()])
        .when_observed(at(Fact::Delivered, 0, 1, 0))
        .then([delivered(), found(AnomalyKind::DeliveredBeforeHandedOver, Some(one), Some(noon))]);
    given::<Order>([placed()]).when_observed(at(shipped_fact(), 1, 1, 1)).then([shipped()]);
}

#[test]
fn cancelled_and_delivered_contradict_each_other_in_either_order() {
    let both = found(AnomalyKind::CancelledYetDelivered, None, None);
    given::<Order>([placed(), paid(), shipped(), delivered()])
        .when_observed(reported(Status::Cancelled))
        .then([called_off(), both.clone()]);
    given::<Order>([placed(), cancelled()])
        .when_observed(seen(Fact::Delivered))
        .then([delivered(), both]);
}

#[test]
fn a_parcel_that_was_called_back_is_unexplained() {
    given::<Order>([placed(), paid(), shipped()]).when_observed(seen(Fact::Cancelled)).then([
        called_off(),
        found(AnomalyKind::StatusUnexplained, Some("shipped"), Some("cancelled")),
    ]);
}

#[test]
fn a_status_that_follows_adds_its_step_only() {
    given::<Order>([placed(), paid()])
        .when_observed(reported(Status::Preparing))
        .then([preparing()]);
    given::<Order>([placed(), paid()])
        .when_observed(reported(Status::Cancelled))
        .then([called_off()]);
    given::<Order>([placed(), paid()]).when_observed(reported(Status::Paid)).then_nothing();
}

#[test]
fn a_status_that_does_not_follow_is_named() {
    given::<Order>([placed(), paid(), shipped()]).when_observed(reported(Status::Delivered)).then(
        [delivered(), found(AnomalyKind::DeliveredWithoutDate, Some("shipped"), Some("delivered"))],
    );
    given::<Order>([placed(), paid()]).when_observed(reported(Status::Shipped)).then([found(
        AnomalyKind::StatusUnexplained,
        Some("paid"),
        Some("shipped"),
    )]);
    given::<Order>([placed(), paid(), shipped()])
        .when_observed(reported(Status::Preparing))
        .then([found(AnomalyKind::StatusUnexplained, Some("shipped"), Some("preparing"))]);
}

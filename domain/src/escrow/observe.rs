//! What was reported to have been paid for an order: put aside as it came.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::escrow::{AnomalyFound, Funded};

use super::{Escrow, Event, Fund, Held, Terms, open};
use crate::decider::Observer;
use crate::money::Money;
use crate::text::Code;
use crate::trade::Trade;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub trade: Trade,
    pub fact: Fact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Opened(Terms),
    Funded(Fund),
}

impl Observer for Escrow {
    type Observation = Observation;

    /// It is opened once, and each tender funds it once.
    fn observe(&self, observation: Observation) -> Vec<Event> {
        let Observation { trade, fact } = observation;
        let held = match self {
            Self::Absent => None,
            Self::Held(held) | Self::Released(held) => Some(&**held),
        };
        match fact {
            Fact::Opened(terms) => {
                let known = held.is_some_and(|held| held.terms.is_some());
                if known { vec![] } else { vec![open::opened(trade, terms).into()] }
            }
            Fact::Funded(fund) => see_funded(held, trade, fund),
        }
    }
}

fn see_funded(held: Option<&Held>, trade: Trade, fund: Fund) -> Vec<Event> {
    let Fund { tender_id, method, amount } = fund;
    let found = |anomaly: Anomaly| Event::from(AnomalyFound { trade, anomaly });
    let fundings = held.map_or(&[][..], |held| &held.fundings);
    if let Some(funding) = fundings.iter().find(|funding| funding.tender_id == tender_id) {
        let other = anomaly(AnomalyKind::CapturedUnannounced, Some(funding.amount), Some(amount));
        let known =
            funding.amount == amount || held.is_some_and(|held| held.anomalies.contains(&other));
        return if known { vec![] } else { vec![found(other)] };
    }
    let mut events = vec![Funded { trade, tender_id, method, amount }.into()];
    let terms = held.and_then(|held| held.terms);
    let Some(terms) = terms else {
        events.push(found(anomaly(AnomalyKind::NeverPlaced, None, None)));
        return events;
    };
    let funded = held.map(Held::funded).and_then(Result::ok);
    let funded = funded.and_then(|funded| funded.checked_add(amount).ok());
    if funded.is_none_or(|funded| terms.due.checked_sub(funded).is_err()) {
        events.push(found(anomaly(AnomalyKind::Overpaid, Some(terms.due), funded)));
    }
    events
}

fn anomaly(kind: AnomalyKind, expected: Option<Money>, observed: Option<Money>) -> Anomaly {
    let code = |amount: Option<Money>| amount.and_then(|it| Code::new(&it.to_string()).ok());
    Anomaly { kind, expected: code(expected), observed: code(observed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::testing::tender_id;
    use crate::escrow::testing::{CARD, NOTHING, funded, opened, terms};
    use crate::order::testing::{TRADE, won};
    use crate::testing::given;

    fn money(n: u128, amount_minor: u64) -> Observation {
        let (tender_id, amount) = (tender_id(n), won(amount_minor));
        Observation { trade: TRADE, fact: Fact::Funded(Fund { tender_id, method: CARD, amount }) }
    }

    fn found(kind: AnomalyKind, expected: Option<u64>, observed: Option<u64>) -> Event {
        let anomaly = anomaly(kind, expected.map(won), observed.map(won));
        AnomalyFound { trade: TRADE, anomaly }.into()
    }

    #[test]
    fn opens_once() {
        let opening = || Observation { trade: TRADE, fact: Fact::Opened(terms()) };
        given::<Escrow>(NOTHING).when_observed(opening()).then([opened()]);
        given::<Escrow>([opened()]).when_observed(opening()).then_nothing();
        given::<Escrow>([funded(1, 5)]).when_observed(opening()).then([opened()]);
    }

    #[test]
    fn a_tender_funds_it_once() {
        given::<Escrow>([opened()]).when_observed(money(1, 5)).then([funded(1, 5)]);
        given::<Escrow>([opened(), funded(1, 5)]).when_observed(money(1, 5)).then_nothing();
        let other = found(AnomalyKind::CapturedUnannounced, Some(5), Some(6));
        given::<Escrow>([opened(), funded(1, 5)]).when_observed(money(1, 6)).then([other.clone()]);
        given::<Escrow>([opened(), funded(1, 5), other]).when_observed(money(1, 6)).then_nothing();
    }

    #[test]
    fn more_than_is_due_is_kept_and_named() {
        given::<Escrow>([opened(), funded(1, 33_000)])
            .when_observed(money(2, 1))
            .then([funded(2, 1), found(AnomalyKind::Overpaid, Some(33_000), Some(33_001))]);
    }

    #[test]
    fn money_for_what_nobody_placed_is_kept_and_named() {
        given::<Escrow>(NOTHING)
            .when_observed(money(1, 5))
            .then([funded(1, 5), found(AnomalyKind::NeverPlaced, None, None)]);
    }
}

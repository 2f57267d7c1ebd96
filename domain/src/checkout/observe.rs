//! What a gateway or another system reports of a payment: recorded as it was observed.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::checkout::{
    AnomalyFound, Authorised, DeclineReason, Declined, EndReason, ExcessReason, Opened,
    PaymentUnknown,
};

use super::evolve::unheard_of;
use super::{Checkout, Event, Known, Report, Status, TenderStatus};
use crate::decider::Observer;
use crate::ids::{CheckoutId, PersonId, TenderId};
use crate::money::Money;
use crate::text::Code;
use crate::time::Timestamp;
use crate::trade::{Tender, TenderMethod};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub fact: Fact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Opened(Opened),
    Authorised {
        tender: Tender,
        reference: Option<Code>,
    },
    Captured {
        tender: Tender,
        reference: Option<Code>,
        /// When the money came.
        at: Timestamp,
    },
    Declined {
        tender_id: TenderId,
        reason: DeclineReason,
        reference: Option<Code>,
    },
    Unknown {
        tender_id: TenderId,
        reference: Option<Code>,
    },
    Cancelled,
    /// The source has no more to say of the payment: what is missing now stays missing.
    Settled {
        /// It says that the payment was approved.
        approved: bool,
    },
}

/// What an observation adds: events, and the contradictions in them.
#[derive(Default)]
struct Seen {
    events: Vec<Event>,
    /// Comes with its event, so it is new.
    fresh: Vec<Anomaly>,
    /// Of the checkout as a whole: recorded once.
    standing: Vec<Anomaly>,
}

impl Observer for Checkout {
    type Observation = Observation;

    /// A tender is captured once, and so is each further charge of it that the gateway names by a
    /// reference of its own; any other report is recorded once under its reference.
    fn observe(&self, observation: Observation) -> Vec<Event> {
        let Observation { checkout_id, buyer_id, fact } = observation;
        let known = match self {
            Self::Known(known) => (**known).clone(),
            Self::Absent => unheard_of(checkout_id, buyer_id),
        };
        let opens = matches!(fact, Fact::Opened(_));
        let mut seen = known.see(fact);
        if known.pay_until.is_none() && !opens && !seen.events.is_empty() {
            seen.standing.push(anomaly(AnomalyKind::NeverPlaced, None, None));
        }
        seen.standing.retain(|anomaly| !known.anomalies.contains(anomaly));
        let found = seen.fresh.into_iter().chain(seen.standing);
        let found = found.map(|anomaly| AnomalyFound { checkout_id, buyer_id, anomaly }.into());
        seen.events.into_iter().chain(found).collect()
    }
}

impl Known {
    fn see(&self, fact: Fact) -> Seen {
        let (checkout_id, buyer_id) = (self.checkout_id, self.buyer_id);
        match fact {
            Fact::Opened(opened) => self.see_opened(opened),
            Fact::Authorised { tender, reference } => {
                let id = tender.tender_id;
                let event =
                    Authorised { checkout_id, buyer_id, tender, reference: reference.clone() };
                self.see_report(id, TenderStatus::Authorised, reference, event.into())
            }
            Fact::Captured { tender, reference, at } => self.see_captured(tender, reference, at),
            Fact::Declined { tender_id, reason, reference } => {
                let cited = reference.clone();
                let event = Declined { checkout_id, buyer_id, tender_id, reason, reference };
                self.see_report(tender_id, TenderStatus::Declined, cited, event.into())
            }
            Fact::Unknown { tender_id, reference } => {
                let cited = reference.clone();
                let event = PaymentUnknown { checkout_id, buyer_id, tender_id, reference };
                self.see_report(tender_id, TenderStatus::Unknown, cited, event.into())
            }
            Fact::Cancelled => self.see_cancelled(),
            Fact::Settled { approved } => self.see_settled(approved),
        }
    }

    fn see_opened(&self, opened: Opened) -> Seen {
        if self.pay_until.is_some() {
            return Seen::default();
        }
        let none = opened.shares.is_empty();
        let fresh = none.then(|| anomaly(AnomalyKind::NoItems, None, None));
        Seen { events: vec![opened.into()], fresh: fresh.into_iter().collect(), standing: vec![] }
    }

    fn see_report(
        &self,
        tender_id: TenderId,
        status: TenderStatus,
        reference: Option<Code>,
        event: Event,
    ) -> Seen {
        if self.reports.contains(&Report { tender_id, status, reference }) {
            return Seen::default();
        }
        let mut seen = Seen { events: vec![event], ..Seen::default() };
        if status == TenderStatus::Declined {
            if self.is_captured(tender_id) {
                let kind = AnomalyKind::StatusUnexplained;
                seen.fresh.push(anomaly(kind, Some("captured".into()), Some("declined".into())));
            } else if self.tenders.contains_key(&tender_id) && self.fails_without(tender_id) {
                seen.events.push(self.cancelled(EndReason::PaymentDeclined));
            }
        }
        seen
    }

    fn see_captured(&self, tender: Tender, reference: Option<Code>, at: Timestamp) -> Seen {
        let mut seen = Seen::default();
        let announced = self.tenders.get(&tender.tender_id);
        let announced = announced.and_then(|state| state.tender.as_ref());
        let differs = announced.is_some_and(|announced| self.differs(announced, &tender));
        let unannounced = differs || (announced.is_none() && !self.observed);
        let expected = announced.map(|announced| announced.amount.to_string());
        let unannounced = unannounced.then(|| {
            anomaly(AnomalyKind::CapturedUnannounced, expected, Some(tender.amount.to_string()))
        });
        let again = self.is_captured(tender.tender_id);
        if again && !self.is_another_charge(tender.tender_id, reference.as_ref()) {
            seen.standing.extend(unannounced);
            return seen;
        }
        seen.fresh.extend(unannounced);
        let name = Some(tender.tender_id.to_string());
        if self.status == Status::Cancelled {
            seen.fresh.push(anomaly(AnomalyKind::CapturedAfterEnd, None, name.clone()));
        }
        if matches!(tender.method, TenderMethod::Other { .. }) && tender.amount.is_zero() {
            seen.fresh.push(anomaly(AnomalyKind::UndefinedTender, None, name));
        }
        if let Some(until) = self.pay_until.filter(|until| at > *until) {
            let (until, at) = (Some(until.to_string()), Some(at.to_string()));
            seen.standing.push(anomaly(AnomalyKind::ApprovedLate, until, at));
        }
        // Money in a currency that no order asks for belongs to none of them, nor does what a buyer
        // was charged twice.
        let parts = if again { None } else { self.share_out(tender.amount).ok() };
        let parts = parts.unwrap_or_else(|| (vec![], tender.amount));
        let captured = self.captured(tender, reference, parts);
        if captured.excess_reason == Some(ExcessReason::Overpaid) {
            seen.standing.push(anomaly(AnomalyKind::Overpaid, None, None));
        }
        seen.events.push(captured.into());
        seen
    }

    fn see_cancelled(&self) -> Seen {
        if self.status == Status::Cancelled {
            return Seen::default();
        }
        let paid = (self.status == Status::Paid).then(|| {
            let kind = AnomalyKind::StatusUnexplained;
            anomaly(kind, Some("paid".into()), Some("cancelled".into()))
        });
        let events = vec![self.cancelled(EndReason::Observed)];
        Seen { events, fresh: paid.into_iter().collect(), standing: vec![] }
    }

    fn see_settled(&self, approved: bool) -> Seen {
        let paid = self.tenders.keys().any(|tender_id| self.is_captured(*tender_id));
        let unapproved =
            (paid && !approved).then(|| anomaly(AnomalyKind::PaidWithoutApproval, None, None));
        let standing = self.underpaid().into_iter().chain(unapproved).collect();
        Seen { standing, ..Seen::default() }
    }

    fn underpaid(&self) -> Option<Anomaly> {
        let currency = self.shares.first()?.amount.currency();
        let sum =
            |amounts: Vec<Money>| Money::sum(currency, amounts).ok().map(|sum| sum.to_string());
        let lacking = self.asked().any(|share| !self.lacks(share).is_zero());
        lacking.then(|| {
            let due = sum(self.asked().map(|share| share.amount).collect());
            let got = self.asked().filter_map(|share| self.allocated.get(&share.order_id));
            let got = sum(got.copied().collect());
            anomaly(AnomalyKind::Underpaid, due, got)
        })
    }

    /// Once an order is cancelled, less than was announced is asked of a tender.
    fn differs(&self, announced: &Tender, captured: &Tender) -> bool {
        let is_less = announced.amount.checked_sub(captured.amount).is_ok();
        announced.amount != captured.amount && (self.cancelled_orders.is_empty() || !is_less)
    }

    /// Whether a capture is none that was reported before: the references tell, where there are any.
    fn is_another_charge(&self, tender_id: TenderId, reference: Option<&Code>) -> bool {
        let of_tender = |report: &&Report| {
            report.tender_id == tender_id && report.status == TenderStatus::Captured
        };
        let differs =
            |known: &Report| known.reference.is_some() && known.reference.as_ref() != reference;
        reference.is_some() && self.reports.iter().filter(of_tender).all(differs)
    }

    fn is_captured(&self, tender_id: TenderId) -> bool {
        let state = self.tenders.get(&tender_id);
        state.is_some_and(|state| state.status == TenderStatus::Captured)
    }
}

fn anomaly(kind: AnomalyKind, expected: Option<String>, observed: Option<String>) -> Anomaly {
    let code = |text: Option<String>| text.and_then(|text| Code::new(&text).ok());
    Anomaly { kind, expected: code(expected), observed: code(observed) }
}

#[cfg(test)]
mod tests;

//! How a checkout's facts add up. No rule stands here.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::checkout::{Captured, Opened};

use super::{Checkout, Event, Known, Report, Status, TenderState, TenderStatus};
use crate::ids::{CheckoutId, PersonId, TenderId};
use crate::money::Money;
use crate::text::Code;
use crate::trade::Tender;

pub(super) fn evolve(checkout: Checkout, event: &Event) -> Checkout {
    let mut known = match checkout {
        Checkout::Known(known) => known,
        Checkout::Absent => Box::new(unheard_of(event.checkout_id(), event.buyer_id())),
    };
    match event {
        Event::Opened(opened) => known.open(opened),
        Event::Authorised(authorised) => {
            let (id, tender) = (authorised.tender.tender_id, Some(&authorised.tender));
            known.report(id, tender, TenderStatus::Authorised, authorised.reference.as_ref());
        }
        Event::Captured(captured) => known.capture(captured),
        Event::Declined(declined) => {
            let reference = declined.reference.as_ref();
            known.report(declined.tender_id, None, TenderStatus::Declined, reference);
        }
        Event::PaymentUnknown(unknown) => {
            let reference = unknown.reference.as_ref();
            known.report(unknown.tender_id, None, TenderStatus::Unknown, reference);
        }
        Event::Reduced(reduced) => {
            known.cancelled_orders.insert(reduced.share.order_id);
            known.settle();
        }
        Event::Cancelled(_) => known.status = Status::Cancelled,
        Event::AnomalyFound(found) => known.anomalies.push(found.anomaly.clone()),
    }
    Checkout::Known(known)
}

/// A checkout that nobody opened, before anything is known of it.
pub(super) const fn unheard_of(checkout_id: CheckoutId, buyer_id: PersonId) -> Known {
    Known {
        checkout_id,
        buyer_id,
        status: Status::Open,
        shares: vec![],
        cancelled_orders: BTreeSet::new(),
        allocated: BTreeMap::new(),
        tenders: BTreeMap::new(),
        pay_until: None,
        observed: true,
        reports: vec![],
        anomalies: vec![],
    }
}

impl Known {
    fn open(&mut self, opened: &Opened) {
        self.shares.clone_from(&opened.shares);
        self.pay_until = Some(opened.pay_until);
        self.observed = opened.source.is_some();
        for tender in &opened.tenders {
            let announced =
                TenderState { tender: Some(tender.clone()), status: TenderStatus::Announced };
            self.tenders.entry(tender.tender_id).or_insert(announced);
        }
        self.settle();
    }

    fn capture(&mut self, captured: &Captured) {
        let (id, tender) = (captured.tender.tender_id, Some(&captured.tender));
        self.report(id, tender, TenderStatus::Captured, captured.reference.as_ref());
        for share in &captured.shares {
            let nothing = Money::zero(share.amount.currency());
            let got = self.allocated.entry(share.order_id).or_insert(nothing);
            *got = got.checked_add(share.amount).unwrap_or(*got);
        }
        self.settle();
    }

    fn settle(&mut self) {
        let complete = self.asked().all(|share| self.is_full(share));
        if self.status == Status::Open && !self.shares.is_empty() && complete {
            self.status = Status::Paid;
        }
    }

    fn report(
        &mut self,
        tender_id: TenderId,
        tender: Option<&Tender>,
        status: TenderStatus,
        reference: Option<&Code>,
    ) {
        let state = self
            .tenders
            .entry(tender_id)
            .or_insert_with(|| TenderState { tender: tender.cloned(), status });
        if let Some(tender) = tender {
            state.tender = Some(tender.clone());
        }
        // What was captured stays captured, whatever else is reported late.
        if state.status != TenderStatus::Captured {
            state.status = status;
        }
        self.reports.push(Report { tender_id, status, reference: reference.cloned() });
    }
}

//! `checkout`: what one buyer pays at once, and how far the payment has got.

use events_schema::Event;
use events_schema::checkout::{self, DeclineReason, EndReason, Share};
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{CheckoutId, PersonId, TenderId};
use events_schema::money::Money;
use events_schema::text::Code;
use events_schema::time::Timestamp;
use events_schema::trade::{Source, Tender, TenderMethod};
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};
use crate::views::anomalies::Anomalies;

#[derive(Debug)]
pub struct CheckoutView;

/// The id is the checkout's. Payments may be reported of a checkout that nobody opened here: then
/// it has no shares, no total and no time limit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub checkout_id: CheckoutId,
    /// Of the stream `checkout/…`.
    pub version: Version,
    pub buyer_id: PersonId,
    pub status: Status,
    /// One per order that is to be paid, or is paid: an order that was cancelled before is gone.
    pub shares: Vec<Share>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Sum of what was captured in the currency of the total, or of the first capture while there is
    /// no total. What came in another one no order asks for: it stands with its tender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Money>,
    /// What of it no order explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Money>,
    /// What of it orders had got that were cancelled since: their escrows give it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_back: Option<Money>,
    pub tenders: Vec<TenderState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    pub anomalies: Anomalies,
    /// Or first heard of.
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    /// The whole total was captured.
    Paid,
    Cancelled,
}

/// One part of the payment. `amount` is what was captured once it was, else what was announced.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TenderState {
    pub tender_id: TenderId,
    /// `None` where a gateway spoke of a tender that nobody had announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<TenderMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    pub status: TenderStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Code>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenderStatus {
    Announced,
    Authorised,
    Captured,
    Declined,
    /// The gateway did not say.
    Unknown,
}

const ADD_UP: Poison = Poison("captured amounts do not add up");

const COLLECTION: Collection = Collection {
    name: CheckoutView::NAME,
    indexes: &[
        Index { name: "by_buyer", equals: &["buyer_id"], sort: "opened_at" },
        Index { name: "by_status", equals: &["status"], sort: "opened_at" },
    ],
};

impl View for CheckoutView {
    type Key = CheckoutId;
    type Document = Document;

    const NAME: &'static str = "checkout";
    const VERSION: u32 = 3;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<CheckoutId> {
        match &recorded.event {
            Event::Checkout(event) => vec![event.checkout_id()],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &CheckoutId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Checkout(event) = &recorded.event else { return Ok(document) };
        let at = recorded.meta.occurred_at;
        let mut document = document.unwrap_or_else(|| unheard_of(event, at));
        document.evolve(event, at)?;
        document.version = recorded.meta.version;
        document.updated_at = at;
        Ok(Some(document))
    }
}

fn unheard_of(event: &checkout::Event, at: Timestamp) -> Document {
    Document {
        checkout_id: event.checkout_id(),
        version: Version::default(),
        buyer_id: event.buyer_id(),
        status: Status::Open,
        shares: vec![],
        total: None,
        captured: None,
        excess: None,
        given_back: None,
        tenders: vec![],
        pay_until: None,
        end_reason: None,
        source: None,
        anomalies: Anomalies::default(),
        opened_at: at,
        updated_at: at,
    }
}

impl Document {
    fn evolve(&mut self, event: &checkout::Event, at: Timestamp) -> Result<(), Poison> {
        match event {
            checkout::Event::Opened(event) => self.open(event, at)?,
            checkout::Event::Authorised(event) => {
                self.tender(&event.tender, TenderStatus::Authorised, event.reference.as_ref());
            }
            checkout::Event::Captured(event) => self.capture(event)?,
            checkout::Event::Declined(event) => {
                let tender = self.known(event.tender_id);
                tender.report(TenderStatus::Declined, event.reference.as_ref());
                tender.decline_reason = Some(event.reason);
            }
            checkout::Event::PaymentUnknown(event) => {
                let tender = self.known(event.tender_id);
                tender.report(TenderStatus::Unknown, event.reference.as_ref());
            }
            checkout::Event::Reduced(event) => self.reduce(event)?,
            checkout::Event::Cancelled(event) => {
                self.status = Status::Cancelled;
                self.end_reason = Some(event.reason);
            }
            checkout::Event::AnomalyFound(event) => self.anomalies.add(&event.anomaly, at),
        }
        Ok(())
    }

    fn open(&mut self, event: &checkout::Opened, at: Timestamp) -> Result<(), Poison> {
        let asked_for = |sum: &Money| sum.currency() == event.total.currency();
        self.captured = self.captured.filter(asked_for);
        self.excess = self.excess.filter(asked_for);
        self.shares.clone_from(&event.shares);
        self.total = Some(event.total);
        self.pay_until = Some(event.pay_until);
        self.source.clone_from(&event.source);
        self.opened_at = at;
        for tender in &event.tenders {
            let is_new = self.tenders.iter().all(|known| known.tender_id != tender.tender_id);
            if is_new {
                self.tender(tender, TenderStatus::Announced, None);
            }
        }
        self.settle()
    }

    fn capture(&mut self, event: &checkout::Captured) -> Result<(), Poison> {
        self.tender(&event.tender, TenderStatus::Captured, event.reference.as_ref());
        let currency = event.tender.amount.currency();
        if self.total.or(self.captured).is_some_and(|known| known.currency() != currency) {
            return Ok(());
        }
        self.captured = Some(add(self.captured, event.tender.amount)?);
        self.excess = Some(add(self.excess, event.excess)?);
        self.settle()
    }

    fn reduce(&mut self, event: &checkout::Reduced) -> Result<(), Poison> {
        self.shares.retain(|share| share.order_id != event.share.order_id);
        self.total = Some(event.total);
        self.given_back = Some(add(self.given_back, event.allocated)?);
        self.settle()
    }

    fn settle(&mut self) -> Result<(), Poison> {
        let Some(total) = self.total else { return Ok(()) };
        let sum = |amount: Option<Money>| amount.unwrap_or(Money::zero(total.currency()));
        let gone = add(self.excess, sum(self.given_back))?;
        let got = sum(self.captured).checked_sub(gone).map_err(|_| ADD_UP)?;
        let is_full = got.amount_minor() >= total.amount_minor();
        if self.status == Status::Open && !self.shares.is_empty() && is_full {
            self.status = Status::Paid;
        }
        Ok(())
    }

    fn tender(&mut self, tender: &Tender, status: TenderStatus, reference: Option<&Code>) {
        let known = self.known(tender.tender_id);
        known.method = Some(tender.method.clone());
        known.amount = Some(tender.amount);
        known.report(status, reference);
    }

    fn known(&mut self, tender_id: TenderId) -> &mut TenderState {
        let found = self.tenders.iter().position(|tender| tender.tender_id == tender_id);
        let index = found.unwrap_or_else(|| {
            self.tenders.push(TenderState {
                tender_id,
                method: None,
                amount: None,
                status: TenderStatus::Announced,
                decline_reason: None,
                reference: None,
            });
            self.tenders.len().saturating_sub(1)
        });
        &mut self.tenders[index]
    }
}

fn add(sum: Option<Money>, more: Money) -> Result<Money, Poison> {
    sum.map_or(Ok(more), |sum| sum.checked_add(more)).map_err(|_| ADD_UP)
}

impl TenderState {
    /// What was captured stays captured, whatever else is reported late.
    fn report(&mut self, status: TenderStatus, reference: Option<&Code>) {
        if self.status != TenderStatus::Captured {
            self.status = status;
            self.decline_reason = None;
        }
        self.reference = reference.cloned().or(self.reference.take());
    }
}

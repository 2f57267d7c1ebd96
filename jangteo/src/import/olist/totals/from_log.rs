//! Counted from the events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ledger;
use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::envelope::Position;
use events_schema::ids::{CheckoutId, CorrelationId};
use events_schema::{Event, checkout, escrow, inventory, order, review, shipment};
use storage::event_log::{EventLog, Filter, READ_MAX};

use super::{Balance, Count, Totals};

/// Sums on the way: one entry a checkout.
#[derive(Default)]
struct Counting {
    totals: Totals,
    balances: HashMap<CheckoutId, Balance>,
    contradicted: BTreeMap<AnomalyKind, (u64, BTreeSet<CorrelationId>)>,
}

impl Totals {
    /// # Errors
    /// When the log cannot be read, or an event in it.
    pub(crate) async fn from_log(log: &dyn EventLog) -> anyhow::Result<Self> {
        let mut counting = Counting::default();
        let mut after = Position(0);
        loop {
            let page = log.read(after, &Filter::default(), READ_MAX).await?.events;
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in page {
                let recorded = recorded.decode()?;
                counting.add(&recorded.event, recorded.meta.correlation_id)?;
            }
        }
        Ok(counting.finish())
    }
}

impl Counting {
    fn add(&mut self, event: &Event, trade: CorrelationId) -> anyhow::Result<()> {
        for posting in ledger::postings(event)? {
            let balance = self.totals.accounts.entry(posting.account.to_string()).or_default();
            *balance += posting.amount.amount_minor;
        }
        if let Some(anomaly) = anomaly(event) {
            let (records, trades) = self.contradicted.entry(anomaly.kind).or_default();
            *records += 1;
            trades.insert(trade);
        }
        match event {
            Event::Checkout(event) => self.checkout(event),
            Event::Order(order::Event::Placed(placed)) => {
                self.totals.items_minor += placed.items.amount_minor();
                self.totals.freight_minor += placed.shipping.amount_minor();
                let balance = self.balances.entry(placed.trade.checkout_id).or_default();
                balance.orders += 1;
                balance.due_minor += placed.total.amount_minor();
            }
            Event::Inventory(inventory::Event::RestockObserved(restock)) => {
                self.totals.stocked += u64::from(restock.line.quantity.get());
            }
            Event::Review(review::Event::Written(written)) => {
                self.totals.reviews += 1;
                *self.totals.by_rating.entry(written.rating.stars()).or_default() += 1;
            }
            Event::Order(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Policy(_) => {}
        }
        Ok(())
    }

    fn checkout(&mut self, event: &checkout::Event) {
        let totals = &mut self.totals;
        match event {
            checkout::Event::Opened(opened) => {
                totals.checkouts += 1;
                let status = opened.source.as_ref().and_then(|source| source.status.as_ref());
                let status = status.map_or("none", |status| status.as_str());
                *totals.by_status.entry(status.to_owned()).or_default() += 1;
                self.balances.entry(opened.checkout_id).or_default();
            }
            checkout::Event::Captured(captured) => {
                let amount = captured.tender.amount.amount_minor();
                totals.payments += 1;
                totals.paid_minor += amount;
                *totals.by_tender.entry(captured.tender.method.label()).or_default() += 1;
                let balance = self.balances.entry(captured.checkout_id).or_default();
                balance.payments += 1;
                balance.paid_minor += amount;
            }
            checkout::Event::Authorised(_)
            | checkout::Event::Declined(_)
            | checkout::Event::PaymentUnknown(_)
            | checkout::Event::Reduced(_)
            | checkout::Event::Cancelled(_)
            | checkout::Event::AnomalyFound(_) => {}
        }
    }

    fn finish(self) -> Totals {
        let mut totals = self.totals;
        self.balances.into_values().for_each(|balance| totals.add_balance(balance));
        totals.accounts.retain(|_, balance| *balance != 0);
        totals.anomalies = self
            .contradicted
            .into_iter()
            .map(|(kind, (records, trades))| {
                (kind, Count { records, checkouts: trades.len().try_into().unwrap_or(u64::MAX) })
            })
            .collect();
        totals
    }
}

fn anomaly(event: &Event) -> Option<&Anomaly> {
    match event {
        Event::Checkout(checkout::Event::AnomalyFound(found)) => Some(&found.anomaly),
        Event::Order(order::Event::AnomalyFound(found)) => Some(&found.anomaly),
        Event::Escrow(escrow::Event::AnomalyFound(found)) => Some(&found.anomaly),
        Event::Shipment(shipment::Event::AnomalyFound(found)) => Some(&found.anomaly),
        Event::Review(review::Event::AnomalyFound(found)) => Some(&found.anomaly),
        Event::Checkout(_)
        | Event::Order(_)
        | Event::Escrow(_)
        | Event::Shipment(_)
        | Event::Review(_)
        | Event::Like(_)
        | Event::Inventory(_)
        | Event::Seller(_)
        | Event::Category(_)
        | Event::Listing(_)
        | Event::Policy(_) => None,
    }
}

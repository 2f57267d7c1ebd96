//! Counted from the documents of the views, without looking at an event.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events_schema::anomaly::AnomalyKind;
use events_schema::ids::CheckoutId;
use events_schema::money::Money;
use projector::views::anomalies::Anomalies;
use projector::views::checkout::{CheckoutView, Document as Checkout, TenderStatus};
use projector::views::order::{Document as Order, OrderView};
use projector::views::review::{Document as Review, ReviewView};
use projector::views::stock::StockView;
use projector::views::trial_balance::TrialBalance;
use storage::documents::Documents;

use super::{Balance, Count, Totals};
use crate::documents::each;

/// Sums on the way: one entry a checkout.
#[derive(Default)]
struct Counting {
    totals: Totals,
    balances: HashMap<CheckoutId, Balance>,
    contradicted: BTreeMap<AnomalyKind, (u64, BTreeSet<CheckoutId>)>,
}

impl Totals {
    /// # Errors
    /// When the documents cannot be read.
    pub(crate) async fn from_views(documents: &dyn Documents) -> anyhow::Result<Self> {
        let mut counting = Counting::default();
        each::<CheckoutView>(documents, |checkout| counting.checkout(&checkout)).await?;
        each::<OrderView>(documents, |order| counting.order(&order)).await?;
        each::<ReviewView>(documents, |review| counting.review(&review)).await?;
        each::<StockView>(documents, |document| {
            let pieces = |option: &projector::views::stock::OptionStock| {
                option.available + option.reserved + option.sold
            };
            counting.totals.stocked += document.stock.options.iter().map(pieces).sum::<u64>();
        })
        .await?;
        each::<TrialBalance>(documents, |account| {
            if account.balance_minor != 0 {
                counting.totals.accounts.insert(account.account, account.balance_minor);
            }
        })
        .await?;
        Ok(counting.finish())
    }
}

impl Counting {
    fn checkout(&mut self, checkout: &Checkout) {
        let totals = &mut self.totals;
        totals.checkouts += 1;
        let status = checkout.source.as_ref().and_then(|source| source.status.as_ref());
        let status = status.map_or("none", |status| status.as_str());
        *totals.by_status.entry(status.to_owned()).or_default() += 1;
        let balance = self.balances.entry(checkout.checkout_id).or_default();
        balance.paid_minor = checkout.captured.map_or(0, Money::amount_minor);
        totals.paid_minor += balance.paid_minor;
        for tender in &checkout.tenders {
            if let (TenderStatus::Captured, Some(method)) = (tender.status, &tender.method) {
                totals.payments += 1;
                balance.payments += 1;
                *totals.by_tender.entry(method.label()).or_default() += 1;
            }
        }
        self.anomalies(checkout.checkout_id, &checkout.anomalies);
    }

    fn order(&mut self, order: &Order) {
        self.totals.items_minor += order.items.amount_minor();
        self.totals.freight_minor += order.shipping.amount_minor();
        let balance = self.balances.entry(order.checkout_id).or_default();
        balance.orders += 1;
        balance.due_minor += order.total.amount_minor();
        self.anomalies(order.checkout_id, &order.anomalies);
    }

    fn review(&mut self, review: &Review) {
        self.totals.reviews += 1;
        *self.totals.by_rating.entry(review.rating.stars()).or_default() += 1;
        self.anomalies(review.checkout_id, &review.anomalies);
    }

    fn anomalies(&mut self, checkout_id: CheckoutId, anomalies: &Anomalies) {
        for found in &anomalies.first {
            let (records, checkouts) = self.contradicted.entry(found.anomaly.kind).or_default();
            *records += 1;
            checkouts.insert(checkout_id);
        }
    }

    fn finish(self) -> Totals {
        let mut totals = self.totals;
        self.balances.into_values().for_each(|balance| totals.add_balance(balance));
        let count = |(kind, (records, checkouts)): (_, (u64, BTreeSet<_>))| {
            (kind, Count { records, checkouts: checkouts.len().try_into().unwrap_or(u64::MAX) })
        };
        totals.anomalies = self.contradicted.into_iter().map(count).collect();
        totals
    }
}

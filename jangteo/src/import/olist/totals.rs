//! What came in, counted twice: from the events, and independently from the documents of the views.

mod from_log;
mod from_views;

use std::collections::BTreeMap;

use events_schema::anomaly::AnomalyKind;
use events_schema::money::{Currency, Money};
use serde::Serialize;

/// Amounts are in minor units of the source's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub checkouts: u64,
    /// By the status that the source gives.
    pub by_status: BTreeMap<String, u64>,
    pub payments: u64,
    pub paid_minor: u64,
    pub by_tender: BTreeMap<String, u64>,
    pub items_minor: u64,
    pub freight_minor: u64,
    /// Checkouts without an item, and what was paid for them.
    pub without_items: u64,
    pub without_items_paid_minor: u64,
    /// Checkouts with items and payments.
    pub with_both: u64,
    /// Of these, where the two differ by more than one minor unit.
    pub unbalanced: u64,
    /// Pieces that nobody had counted before they were sold.
    pub stocked: u64,
    pub reviews: u64,
    pub by_rating: BTreeMap<u8, u64>,
    pub anomalies: BTreeMap<AnomalyKind, Count>,
    /// Balances of the ledger: debits less credits.
    pub accounts: BTreeMap<String, i64>,
}

/// How often a contradiction was found, and in how many checkouts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub records: u64,
    pub checkouts: u64,
}

/// What one checkout has, on the way to [`Totals`].
#[derive(Clone, Copy, Debug, Default)]
struct Balance {
    orders: u64,
    due_minor: u64,
    paid_minor: u64,
    payments: u64,
}

impl Totals {
    fn add_balance(&mut self, balance: Balance) {
        let Balance { orders, due_minor, paid_minor, payments } = balance;
        if orders == 0 {
            self.without_items += 1;
            self.without_items_paid_minor += paid_minor;
        } else if payments > 0 {
            self.with_both += 1;
            self.unbalanced += u64::from(due_minor.abs_diff(paid_minor) > 1);
        }
    }

    /// Every figure that is not the same in both, by name.
    #[must_use]
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let flat = |totals: &Self| serde_json::to_value(totals).unwrap_or_default();
        let (one, two) = (flat(self), flat(other));
        let names = one.as_object().into_iter().flatten();
        names
            .filter(|(name, value)| two.get(name.as_str()) != Some(*value))
            .map(|(name, value)| {
                let there = two.get(name.as_str()).cloned().unwrap_or_default();
                format!("{name}: {value} by the events, {there} by the views")
            })
            .collect()
    }

    /// As a person reads it.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let reais = |minor| {
            Money::from_minor(minor, Currency::Brl).map_or(minor.to_string(), |sum| sum.to_string())
        };
        let list = |counts: &mut dyn Iterator<Item = (String, u64)>| {
            counts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let mut lines = vec![
            format!("checkouts {}: {}", self.checkouts, list(&mut clone(&self.by_status))),
            format!("payments {}, {}", self.payments, reais(self.paid_minor)),
            format!("tenders: {}", list(&mut clone(&self.by_tender))),
            format!("items {}, freight {}", reais(self.items_minor), reais(self.freight_minor)),
            format!(
                "without an item {}, paid {}",
                self.without_items,
                reais(self.without_items_paid_minor)
            ),
            format!("with both {}, of which unbalanced {}", self.with_both, self.unbalanced),
            format!("pieces of unknown stock {}", self.stocked),
            format!("reviews {}: {}", self.reviews, list(&mut clone(&self.by_rating))),
            "anomalies (records, checkouts):".to_owned(),
        ];
        for (kind, count) in &self.anomalies {
            let kind = serde_json::to_value(kind).unwrap_or_default();
            let name = kind.as_str().unwrap_or_default();
            lines.push(format!("  {name:<32} {:>6} {:>6}", count.records, count.checkouts));
        }
        lines.push("accounts (debits less credits):".to_owned());
        for (account, minor) in &self.accounts {
            let sign = if *minor < 0 { "-" } else { "" };
            lines.push(format!("  {account:<40} {sign}{}", reais(minor.unsigned_abs())));
        }
        lines.join("\n")
    }
}

fn clone<K: ToString>(counts: &BTreeMap<K, u64>) -> impl Iterator<Item = (String, u64)> {
    counts.iter().map(|(name, count)| (name.to_string(), *count))
}

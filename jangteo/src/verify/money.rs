//! The ledger, booked anew: balanced at every event, and each account against an independent sum.

use std::collections::BTreeMap;

use domain::ledger;
use events_schema::Event;
use events_schema::envelope::Position;
use events_schema::money::{Currency, SignedMoney};
use projector::view::View;
use projector::views::trial_balance::{Document, TrialBalance};
use storage::documents::{Documents, PAGE_MAX};

use super::Finding;
use crate::failure::Failure;

/// Every account, counted in two ways that share no code.
#[derive(Debug, Default)]
pub(super) struct Balances {
    booked: ledger::Balances,
    expected: ledger::Balances,
}

impl Balances {
    pub(super) fn check(&mut self, at: Position, event: &Event, findings: &mut Vec<Finding>) {
        match ledger::postings(event) {
            Ok(postings) => {
                let sum: i128 =
                    postings.iter().map(|posting| i128::from(posting.amount.amount_minor)).sum();
                if sum != 0 {
                    findings.push(Finding::at(at, format!("its postings sum to {sum}")));
                }
            }
            Err(error) => findings.push(Finding::at(at, error.to_string())),
        }
        let booked = ledger::book(&mut self.booked, event);
        let expected = ledger::expect(&mut self.expected, event);
        for error in booked.err().into_iter().chain(expected.err()) {
            findings.push(Finding::at(at, error.to_string()));
        }
    }

    /// At the log's end the two must agree, account by account.
    pub(super) fn end(&self, findings: &mut Vec<Finding>) {
        let (booked, expected) = (by_name(&self.booked), by_name(&self.expected));
        for (account, balance) in booked.iter().chain(&expected) {
            let (one, two) = (booked.get(account), expected.get(account));
            if one.unwrap_or(&0) != two.unwrap_or(&0) {
                let what = format!("balance {balance} is not what the events add up to");
                findings.push(Finding::of(format!("account {account}"), what));
            }
        }
    }

    /// The view's accounts are these.
    pub(super) async fn against_view(
        &self,
        documents: &dyn Documents,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        let collection = TrialBalance::collection();
        let Some(generation) = documents.serving(collection).await? else { return Ok(()) };
        let mut expected = by_name(&self.expected);
        let page = documents.scan(collection, generation, None, PAGE_MAX).await?;
        for body in page.into_iter().filter_map(|stored| stored.body) {
            let account: Document = serde_json::from_slice(&body)?;
            let name = format!("{} {}", account.account, account.currency.code());
            if expected.remove(&name).unwrap_or(0) != account.balance_minor {
                let what = "the view's balance is not what the events add up to".to_owned();
                findings.push(Finding::of(format!("account {name}"), what));
            }
        }
        for (name, _) in expected.into_iter().filter(|(_, balance)| *balance != 0) {
            let what = "the view does not know it".to_owned();
            findings.push(Finding::of(format!("account {name}"), what));
        }
        Ok(())
    }
}

fn by_name(balances: &ledger::Balances) -> BTreeMap<String, i64> {
    let named = |((account, currency), balance): (&(ledger::Account, Currency), &SignedMoney)| {
        (format!("{account} {}", currency.code()), balance.amount_minor)
    };
    balances.iter().map(named).collect()
}

//! The ledger, booked anew: balanced at every event, and each account against an independent sum.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger;
use events_schema::Event;
use events_schema::envelope::Position;
use events_schema::money::{Currency, SignedMoney};
use projector::view::View;
use projector::views::trial_balance::TrialBalance;
use storage::documents::Documents;

use super::{Finding, Findings};
use crate::documents::each;
use crate::failure::Failure;

/// Every account, counted in two ways that share no code.
#[derive(Debug, Default)]
pub(super) struct Balances {
    booked: ledger::Balances,
    expected: ledger::Balances,
}

impl Balances {
    pub(super) fn check(&mut self, at: Position, event: &Event, findings: &mut Findings) {
        // Where there are none, booking them says why.
        let postings = ledger::postings(event).unwrap_or_default();
        let sum: i128 =
            postings.iter().map(|posting| i128::from(posting.amount.amount_minor)).sum();
        if sum != 0 {
            findings.push(Finding::at(at, format!("its postings sum to {sum}")));
        }
        let booked = ledger::book(&mut self.booked, event);
        let expected = ledger::expect(&mut self.expected, event);
        for error in booked.err().into_iter().chain(expected.err()) {
            findings.push(Finding::at(at, error.to_string()));
        }
    }

    /// At the log's end the two must agree, account by account.
    pub(super) fn end(&self, findings: &mut Findings) {
        let (booked, expected) = (by_name(&self.booked), by_name(&self.expected));
        let accounts: BTreeSet<_> = booked.keys().chain(expected.keys()).collect();
        for account in accounts {
            let of = |balances: &BTreeMap<String, i64>| balances.get(account).copied().unwrap_or(0);
            let (booked, expected) = (of(&booked), of(&expected));
            if booked != expected {
                let what = format!("balance {booked}, but the events add up to {expected}");
                findings.push(Finding::of(format!("account {account}"), what));
            }
        }
    }

    /// The view's accounts are these.
    pub(super) async fn against_view(
        &self,
        documents: &dyn Documents,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        if documents.serving(TrialBalance::collection()).await?.is_none() {
            return Ok(());
        }
        let mut expected = by_name(&self.expected);
        each::<TrialBalance>(documents, |account| {
            let name = format!("{} {}", account.account, account.currency.code());
            if expected.remove(&name).unwrap_or(0) != account.balance_minor {
                let what = "the view's balance is not what the events add up to".to_owned();
                findings.push(Finding::of(format!("account {name}"), what));
            }
        })
        .await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_differs_is_named_once() {
        let balance = |minor| {
            let amount = SignedMoney { amount_minor: minor, currency: Currency::Krw };
            ledger::Balances::from([((ledger::Account::Escrow, Currency::Krw), amount)])
        };
        for (booked, expected, found) in [
            (balance(1), balance(1), 0),
            (balance(1), balance(2), 1),
            (balance(1), ledger::Balances::new(), 1),
            (ledger::Balances::new(), balance(2), 1),
            (ledger::Balances::new(), balance(0), 0),
        ] {
            let mut findings = Findings::default();
            Balances { booked, expected }.end(&mut findings);
            assert_eq!(findings.count, found, "{findings:?}");
        }
    }
}

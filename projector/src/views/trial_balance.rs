//! `trial_balance`: each account of the ledger, with what was booked on either side.

use std::collections::BTreeSet;
use std::fmt;

use domain::ledger;
use events_schema::Event;
use events_schema::envelope::Recorded;
use events_schema::money::Currency;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, Rank, View};

#[derive(Debug)]
pub struct TrialBalance;

/// An account in one currency. As text `escrow:KRW`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub account: String,
    pub currency: Currency,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.account, self.currency.code())
    }
}

/// The account under which an event is parked that cannot be booked.
const UNBOOKED: &str = "unbooked";

/// `balance_minor` = `debits_minor` − `credits_minor`. Over all accounts of a currency the balances
/// are zero together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub account: String,
    pub currency: Currency,
    pub balance_minor: i64,
    pub debits_minor: u64,
    pub credits_minor: u64,
    /// How many events were booked here.
    pub events: u64,
}

const COLLECTION: Collection = Collection {
    name: TrialBalance::NAME,
    indexes: &[Index { name: "by_currency", equals: &["currency"], sort: "account" }],
};

impl View for TrialBalance {
    type Key = Key;
    type Document = Document;

    const NAME: &'static str = "trial_balance";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Log;
    const RANK: Rank = Rank::Batch;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<Key> {
        let Ok(postings) = ledger::postings(&recorded.event) else {
            return vec![Key { account: UNBOOKED.to_owned(), currency: Currency::Krw }];
        };
        let keys: BTreeSet<Key> = postings.iter().map(key_of).collect();
        keys.into_iter().collect()
    }

    fn apply(
        document: Option<Document>,
        key: &Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let postings = ledger::postings(&recorded.event)
            .map_err(|_| Poison("event cannot be booked: its amounts do not add up"))?;
        let mut document = document.unwrap_or_else(|| Document {
            account: key.account.clone(),
            currency: key.currency,
            balance_minor: 0,
            debits_minor: 0,
            credits_minor: 0,
            events: 0,
        });
        for posting in postings.iter().filter(|posting| key_of(posting) == *key) {
            document.book(posting.amount.amount_minor).ok_or(Poison("account overflows"))?;
        }
        document.events = document.events.saturating_add(1);
        Ok(Some(document))
    }
}

impl Document {
    fn book(&mut self, amount_minor: i64) -> Option<()> {
        self.balance_minor = self.balance_minor.checked_add(amount_minor)?;
        let side = if amount_minor < 0 { &mut self.credits_minor } else { &mut self.debits_minor };
        *side = side.checked_add(amount_minor.unsigned_abs())?;
        Some(())
    }
}

fn key_of(posting: &ledger::Posting) -> Key {
    Key { account: posting.account.to_string(), currency: posting.amount.currency }
}

//! `GET /ledger/trial-balance`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::policy::Policy;
use edge::problem::Problem;
use events_schema::envelope::Role;
use events_schema::money::Currency;
use projector::views::trial_balance::{Document, TrialBalance};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::params::Params;
use crate::state::Queries;

pub(crate) const READERS: Policy = Policy::AnyOf(&[Role::Auditor, Role::Admin]);

/// Every account. The balances of each currency are zero together.
#[derive(Debug, JsonSchema, Serialize)]
struct Trial {
    accounts: Vec<Account>,
    /// What is left over by currency, which is nothing.
    difference_minor: BTreeMap<&'static str, i128>,
}

/// `balance_minor` = `debits_minor` − `credits_minor`.
#[derive(Debug, JsonSchema, Serialize)]
struct Account {
    account: String,
    currency: Currency,
    balance_minor: i64,
    debits_minor: u64,
    credits_minor: u64,
    /// How many events were booked here.
    events: u64,
}

documented!(Trial);

/// The balance of every account, in its currency.
#[utoipa::path(
    get,
    path = "/ledger/trial-balance",
    tag = "ledger",
    responses((status = 200, body = Trial), (status = 304), (status = 412), (status = 503)),
)]
pub(crate) async fn trial_balance(
    State(queries): State<Queries>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let place = queries.reach::<TrialBalance>(least).await?;
    queries.whole::<TrialBalance>()?;
    let mut trial = Trial { accounts: Vec::new(), difference_minor: BTreeMap::new() };
    for currency in Currency::ALL {
        let (index, code) = ("by_currency", currency.code());
        for document in queries.find_all::<TrialBalance>(index, &[code]).await? {
            let difference = trial.difference_minor.entry(code).or_default();
            *difference += i128::from(document.balance_minor);
            trial.accounts.push(Account::from(document));
        }
    }
    Ok(Answer::of(&trial, Answer::tag_of_list(place), place)?.unless(&seen))
}

impl From<Document> for Account {
    fn from(document: Document) -> Self {
        Self {
            account: document.account,
            currency: document.currency,
            balance_minor: document.balance_minor,
            debits_minor: document.debits_minor,
            credits_minor: document.credits_minor,
            events: document.events,
        }
    }
}

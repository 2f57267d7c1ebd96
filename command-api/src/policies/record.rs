//! `POST /policies`

use async_trait::async_trait;
use axum::extract::State;
use domain::policy::{Command, Policy, Record, Terms};
use edge::documented;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::time::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// At least five minutes ahead.
    effective_from: Timestamp,
    terms: Terms,
}

documented! { Request = "RecordPolicy" }

/// Records terms that hold from a later date on.
#[derive(Clone, Debug)]
pub struct RecordPolicy {
    pub effective_from: Timestamp,
    pub terms: Terms,
}

/// Record terms that hold from a later date on
#[utoipa::path(
    post, path = "/policies", tag = "policies", request_body = Request,
    params(Wish),
    responses((status = 201, body = Changed), (status = 422)),
)]
pub(crate) async fn record(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { effective_from, terms }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = RecordPolicy { effective_from, terms };
    Ok(api.execute(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for RecordPolicy {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { effective_from, terms } = self.clone();
        work.act_as(Role::Admin);
        let policy_kind = terms.kind();
        let policy = work.read::<Policy>(policy_kind).await?;
        let record = Record { policy_kind, terms, effective_from, now: work.now() };
        written(policy_kind.as_str(), work.decide(&policy, Command::Record(record))?)
    }
}

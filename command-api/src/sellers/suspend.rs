//! `POST /sellers/{seller_id}/suspend`

use async_trait::async_trait;
use axum::extract::State;
use domain::seller::{Command, Seller, Suspend};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::SellerId;
use events_schema::text::Reason;
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
    reason: Reason,
}

documented! { Request = "SuspendSeller" }

/// Keeps a seller from selling.
#[derive(Clone, Debug)]
pub struct SuspendSeller {
    pub seller_id: SellerId,
    pub reason: Reason,
}

/// Keep a seller from selling
#[utoipa::path(
    post, path = "/sellers/{seller_id}/suspend", tag = "sellers", request_body = Request,
    params(Wish, ("seller_id" = String, Path, description = "`sel_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn suspend(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(seller_id): Path<SellerId>,
    Json { value: Request { reason }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, SuspendSeller { seller_id, reason }).await
}

#[async_trait]
impl Handle for SuspendSeller {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let seller = work.read::<Seller>(self.seller_id).await?;
        let version =
            work.decide(&seller, Command::Suspend(Suspend { reason: self.reason.clone() }))?;
        written(self.seller_id, version)
    }
}

//! `POST /products/{listing_id}/suspend`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Listing, Suspend};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::ListingId;
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

documented! { Request = "SuspendListing" }

/// Takes a listing off sale.
#[derive(Clone, Debug)]
pub struct SuspendListing {
    pub listing_id: ListingId,
    pub reason: Reason,
}

/// Take a listing off sale
#[utoipa::path(
    post, path = "/products/{listing_id}/suspend", tag = "products", request_body = Request,
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn suspend(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    Json { value: Request { reason }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, SuspendListing { listing_id, reason }).await
}

#[async_trait]
impl Handle for SuspendListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let listing = work.read::<Listing>(self.listing_id).await?;
        let version =
            work.decide(&listing, Command::Suspend(Suspend { reason: self.reason.clone() }))?;
        written(self.listing_id, version)
    }
}

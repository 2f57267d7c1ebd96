//! `POST /products/{listing_id}/approve`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Listing};
use edge::extract::Path;
use edge::json::NoBody;
use events_schema::envelope::Role;
use events_schema::ids::ListingId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Puts a listing on sale that waits for approval.
#[derive(Clone, Debug)]
pub struct ApproveListing {
    pub listing_id: ListingId,
}

/// Put a listing on sale that waits for approval
#[utoipa::path(
    post, path = "/products/{listing_id}/approve", tag = "products",
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn approve(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, ApproveListing { listing_id }).await
}

#[async_trait]
impl Handle for ApproveListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let listing = work.read::<Listing>(self.listing_id).await?;
        let version = work.decide(&listing, Command::Approve)?;
        written(self.listing_id, version)
    }
}

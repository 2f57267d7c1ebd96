//! `POST /products/{listing_id}/submit`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Listing, Submit};
use domain::seller::Seller;
use edge::extract::Path;
use edge::json::NoBody;
use edge::token::Caller;
use events_schema::ids::ListingId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Asks for approval.
#[derive(Clone, Debug)]
pub struct SubmitListing {
    pub caller: Caller,
    pub listing_id: ListingId,
}

/// Ask for approval
#[utoipa::path(
    post, path = "/products/{listing_id}/submit", tag = "products",
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn submit(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = SubmitListing { caller: wish.caller.clone(), listing_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for SubmitListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let by = party::seller(&self.caller, work).await?;
        let listing = work.read::<Listing>(self.listing_id).await?;
        let seller_id = listing.owned(by).map_err(CommandError::refused)?.seller_id;
        let seller = work.read::<Seller>(seller_id).await?.clone();
        let version = work.decide(&listing, Command::Submit(Submit { by, seller }))?;
        written(self.listing_id, version)
    }
}

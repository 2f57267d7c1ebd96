//! `DELETE /products/{listing_id}`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Listing, Withdraw};
use edge::extract::Path;
use edge::headers::conditional::IfMatch;
use edge::json::NoBody;
use edge::token::Caller;
use events_schema::ids::ListingId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;
use crate::{if_match, party};

/// Takes a listing away for good.
#[derive(Clone, Debug)]
pub struct WithdrawListing {
    pub caller: Caller,
    pub listing_id: ListingId,
    pub if_match: IfMatch,
}

/// Take a listing away for good
#[utoipa::path(
    delete, path = "/products/{listing_id}", tag = "products",
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`"), ("If-Match" = Option<String>, Header, description = "Only if it still has this `ETag`")),
    responses((status = 200, body = Changed), (status = 404), (status = 412)),
)]
pub(crate) async fn withdraw(
    State(api): State<CommandApi>,
    (wish, if_match): (Wish, IfMatch),
    Path(listing_id): Path<ListingId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = WithdrawListing { caller: wish.caller.clone(), listing_id, if_match };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for WithdrawListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let by = party::seller(&self.caller, work).await?;
        let listing = work.read::<Listing>(self.listing_id).await?;
        listing.owned(by).map_err(CommandError::refused)?;
        if_match::check(&self.if_match, listing.version())?;
        let version = work.decide(&listing, Command::Withdraw(Withdraw { by }))?;
        written(self.listing_id, version)
    }
}

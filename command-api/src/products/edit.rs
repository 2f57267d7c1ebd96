//! `PUT /products/{listing_id}`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Edit, Listing};
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::IfMatch;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::ListingId;

use super::details::{DetailsRequest, category, limits};
use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;
use crate::{if_match, party};

documented! { DetailsRequest = "ListingDetails" }

/// Changes what a listing says: all but its price.
#[derive(Clone, Debug)]
pub struct EditListing {
    pub caller: Caller,
    pub listing_id: ListingId,
    pub if_match: IfMatch,
    pub details: DetailsRequest,
}

/// Change what a listing says: all but its price
#[utoipa::path(
    put, path = "/products/{listing_id}", tag = "products", request_body = DetailsRequest,
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`"), ("If-Match" = Option<String>, Header, description = "Only if it still has this `ETag`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 412), (status = 422)),
)]
pub(crate) async fn edit(
    State(api): State<CommandApi>,
    (wish, if_match): (Wish, IfMatch),
    Path(listing_id): Path<ListingId>,
    Json { value: details, fingerprint }: Json<DetailsRequest>,
) -> Result<Answer, CommandError> {
    let command = EditListing { caller: wish.caller.clone(), listing_id, if_match, details };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for EditListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let by = party::seller(&self.caller, work).await?;
        let listing = work.read::<Listing>(self.listing_id).await?;
        listing.owned(by).map_err(CommandError::refused)?;
        if_match::check(&self.if_match, listing.version())?;
        let details = self.details.clone().into_details(work);
        let category = category(work, details.category_id).await?;
        let edit = Edit { by, details, category, limits: limits(work).await? };
        written(self.listing_id, work.decide(&listing, Command::Edit(edit))?)
    }
}

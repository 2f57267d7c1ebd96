//! `PUT /products/{listing_id}/price`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{ChangePrice, Command, Listing};
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::IfMatch;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::ListingId;
use events_schema::money::Money;
use schemars::JsonSchema;
use serde::Deserialize;

use super::details::limits;
use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;
use crate::{if_match, party};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    price: Money,
}

documented! { Request = "ChangePrice" }

/// Changes the price for orders to come.
#[derive(Clone, Debug)]
pub struct ChangeListingPrice {
    pub caller: Caller,
    pub listing_id: ListingId,
    pub if_match: IfMatch,
    pub price: Money,
}

/// Change the price for orders to come
#[utoipa::path(
    put, path = "/products/{listing_id}/price", tag = "products", request_body = Request,
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`"), ("If-Match" = Option<String>, Header, description = "Only if it still has this `ETag`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 412), (status = 422)),
)]
pub(crate) async fn change_price(
    State(api): State<CommandApi>,
    (wish, if_match): (Wish, IfMatch),
    Path(listing_id): Path<ListingId>,
    Json { value: Request { price }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = ChangeListingPrice { caller: wish.caller.clone(), listing_id, if_match, price };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for ChangeListingPrice {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let by = party::seller(&self.caller, work).await?;
        let listing = work.read::<Listing>(self.listing_id).await?;
        listing.owned(by).map_err(CommandError::refused)?;
        if_match::check(&self.if_match, listing.version())?;
        let change = ChangePrice { by, price: self.price, limits: limits(work).await? };
        written(self.listing_id, work.decide(&listing, Command::ChangePrice(change))?)
    }
}

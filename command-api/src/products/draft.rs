//! `POST /products`

use async_trait::async_trait;
use axum::extract::State;
use domain::listing::{Command, Draft, Listing};
use domain::seller::{By, Seller};
use edge::documented;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::{ListingId, SellerId};
use events_schema::money::Money;
use schemars::JsonSchema;
use serde::Deserialize;

use super::details::{DetailsRequest, category, limits};
use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// For admins, who have no shop of their own.
    #[serde(default)]
    seller_id: Option<SellerId>,
    price: Money,
    details: DetailsRequest,
}

documented! { Request = "DraftListing" }

/// Drafts a listing, which nobody else sees yet.
#[derive(Clone, Debug)]
pub struct DraftListing {
    pub caller: Caller,
    pub seller_id: Option<SellerId>,
    pub price: Money,
    pub details: DetailsRequest,
}

/// Draft a listing, which nobody else sees yet
#[utoipa::path(
    post, path = "/products", tag = "products", request_body = Request,
    params(Wish),
    responses((status = 201, body = Changed), (status = 404), (status = 422)),
)]
pub(crate) async fn draft(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { seller_id, price, details }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = DraftListing { caller: wish.caller.clone(), seller_id, price, details };
    Ok(api.execute(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for DraftListing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let by = party::seller(&self.caller, work).await?;
        let seller_id = match (self.seller_id, by) {
            (Some(seller_id), _) | (None, By::Seller(seller_id)) => seller_id,
            (None, By::Staff) => return Err(CommandError::NoSeller),
        };
        let seller = work.read::<Seller>(seller_id).await?.clone();
        let details = self.details.clone().into_details(work);
        let category = category(work, details.category_id).await?;
        let limits = limits(work).await?;
        let listing_id = work.id(ListingId::new);
        let listing = work.open::<Listing>(listing_id).await?;
        let price = self.price;
        let draft = Draft { listing_id, seller_id, by, seller, price, details, category, limits };
        written(listing_id, work.decide(&listing, Command::Draft(draft))?)
    }
}

//! `POST /products/{listing_id}/stock`

use async_trait::async_trait;
use axum::extract::State;
use domain::inventory::{Command, Inventory, Remove, Restock, StockLine};
use domain::listing::Listing;
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::{ListingId, OptionId};
use events_schema::quantity::Quantity;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    change: StockChange,
    /// Where the listing has options, one of them.
    #[serde(default)]
    option_id: Option<OptionId>,
    quantity: Quantity,
}

documented! { Request = "ChangeStock" }

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StockChange {
    Add,
    /// Of what is unsold.
    Remove,
}

/// Counts pieces in or out.
#[derive(Clone, Debug)]
pub struct ChangeStock {
    pub caller: Caller,
    pub listing_id: ListingId,
    pub change: StockChange,
    pub line: StockLine,
}

/// Count pieces in or out
#[utoipa::path(
    post, path = "/products/{listing_id}/stock", tag = "products", request_body = Request,
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn stock(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    Json { value: Request { change, option_id, quantity }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let line = StockLine { option_id, quantity };
    let command = ChangeStock { caller: wish.caller.clone(), listing_id, change, line };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for ChangeStock {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { listing_id, line, .. } = *self;
        let by = party::seller(&self.caller, work).await?;
        let listing = work.read::<Listing>(listing_id).await?;
        listing.stocks(by, line.option_id).map_err(CommandError::refused)?;
        let inventory = work.read::<Inventory>(listing_id).await?;
        let command = match self.change {
            StockChange::Add => Command::Restock(Restock { listing_id, line }),
            StockChange::Remove => Command::Remove(Remove { listing_id, line }),
        };
        written(listing_id, work.decide(&inventory, command)?)
    }
}

//! `POST /orders/{order_id}/prepare`

use async_trait::async_trait;
use axum::extract::State;
use domain::order::{Command, Order, Prepare};
use edge::extract::Path;
use edge::json::NoBody;
use edge::token::Caller;
use events_schema::ids::OrderId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Tells the buyer that the seller is packing.
#[derive(Clone, Debug)]
pub struct PrepareOrder {
    pub caller: Caller,
    pub order_id: OrderId,
}

/// Say that you are packing
#[utoipa::path(
    post, path = "/orders/{order_id}/prepare", tag = "orders",
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn prepare(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = PrepareOrder { caller: wish.caller.clone(), order_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for PrepareOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let order = work.read::<Order>(self.order_id).await?;
        let by = party::side(&self.caller, order.trade(), work).await?;
        let version = work.decide(&order, Command::Prepare(Prepare { by }))?;
        written(self.order_id, version)
    }
}

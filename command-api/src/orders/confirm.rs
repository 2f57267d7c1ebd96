//! `POST /orders/{order_id}/confirm`

use async_trait::async_trait;
use axum::extract::State;
use domain::escrow::{self, Escrow};
use domain::order::{Command, Confirm, Order};
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

/// Says that the buyer is content: the seller gets the money in the same append.
#[derive(Clone, Debug)]
pub struct ConfirmOrder {
    pub caller: Caller,
    pub order_id: OrderId,
}

/// Say that you are content: the seller gets the money
#[utoipa::path(
    post, path = "/orders/{order_id}/confirm", tag = "orders",
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn confirm(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = ConfirmOrder { caller: wish.caller.clone(), order_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for ConfirmOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let order = work.read::<Order>(self.order_id).await?;
        let by = party::side(&self.caller, order.trade(), work).await?;
        let version = work.decide(&order, Command::Confirm(Confirm { by }))?;
        let escrow = work.read::<Escrow>(self.order_id).await?;
        work.decide(&escrow, escrow::Command::Release(escrow::Release))?;
        written(self.order_id, version)
    }
}

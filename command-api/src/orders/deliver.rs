//! `POST /orders/{order_id}/deliver`

use async_trait::async_trait;
use axum::extract::State;
use domain::order::{Command, Deliver, Order};
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

/// Says that the seller has brought it in person; a carrier's scans say it for parcels.
#[derive(Clone, Debug)]
pub struct DeliverOrder {
    pub caller: Caller,
    pub order_id: OrderId,
}

/// Say that you have brought it in person
#[utoipa::path(
    post, path = "/orders/{order_id}/deliver", tag = "orders",
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn deliver(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = DeliverOrder { caller: wish.caller.clone(), order_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for DeliverOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let order = work.read::<Order>(self.order_id).await?;
        let by = party::side(&self.caller, order.trade(), work).await?;
        let version = work.decide(&order, Command::Deliver(Deliver { by }))?;
        written(self.order_id, version)
    }
}

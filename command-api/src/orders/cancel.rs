//! `POST /orders/{order_id}/cancel`: the stock goes back, the money is booked to go back, and the
//! checkout asks for the order no more: with its last order it ends. All in one append.

use async_trait::async_trait;
use axum::extract::State;
use domain::checkout::{self, Checkout, Reduce};
use domain::escrow::{self, Escrow, Refund, RefundAmount, RefundReason};
use domain::inventory::{self, Inventory, Release};
use domain::order::{self, By, Cancel, CancelReason, Order};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::OrderId;
use events_schema::trade::Trade;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, Read, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    reason: CancelReason,
}

documented! { Request = "CancelOrder" }

/// Cancels an order that has not left the seller.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    pub caller: Caller,
    pub order_id: OrderId,
    pub reason: CancelReason,
}

/// Cancel an order that has not left the seller
///
/// Its pieces are free again, and what was paid for it is owed back. The checkout asks for it no
/// more: it is paid once the other orders are, and ends with its last order (`orders_cancelled`).
/// So this is also the way out where one part of a payment was taken and another declined.
#[utoipa::path(
    post, path = "/orders/{order_id}/cancel", tag = "orders", request_body = Request,
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn cancel(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    Json { value: Request { reason }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = CancelOrder { caller: wish.caller.clone(), order_id, reason };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for CancelOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { order_id, reason, .. } = *self;
        let order = work.read::<Order>(order_id).await?;
        let by = party::side(&self.caller, order.trade(), work).await?;
        let cancelled =
            work.decide_events(&order, order::Command::Cancel(Cancel { reason, by }))?;
        if let (Some(&trade), false) = (order.trade(), cancelled.is_empty()) {
            release_stock(&order, order_id, work).await?;
            refund(order_id, work).await?;
            reduce_checkout(trade, work).await?;
        }
        written(order_id, work.read::<Order>(order_id).await?.version())
    }
}

/// Gives back what an order holds.
pub(crate) async fn release_stock(
    order: &Read<Order>,
    order_id: OrderId,
    work: &mut UnitOfWork<'_>,
) -> Result<(), CommandError> {
    for listing_id in order.listings() {
        let inventory = work.read::<Inventory>(listing_id).await?;
        let release = Release { listing_id, order_id };
        work.decide(&inventory, inventory::Command::Release(release))?;
    }
    Ok(())
}

/// An order that was only observed has no escrow until money is.
async fn refund(order_id: OrderId, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
    let escrow = work.read::<Escrow>(order_id).await?;
    if *escrow == Escrow::Absent {
        return Ok(());
    }
    let refund = Refund { amount: RefundAmount::Whole, reason: RefundReason::OrderCancelled };
    work.decide(&escrow, escrow::Command::Refund(refund))?;
    Ok(())
}

/// An order that was only observed may be of no checkout.
async fn reduce_checkout(trade: Trade, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
    let checkout = work.read::<Checkout>(trade.checkout_id).await?;
    if *checkout == Checkout::Absent {
        return Ok(());
    }
    let reduce = Reduce { order_id: trade.order_id };
    work.decide(&checkout, checkout::Command::Reduce(reduce))?;
    Ok(())
}

/// Cancels an order whose payment has failed. Nothing was paid, so nothing is refunded.
pub(crate) async fn unpaid(
    order_id: OrderId,
    reason: CancelReason,
    work: &mut UnitOfWork<'_>,
) -> Result<(), CommandError> {
    let order = work.read::<Order>(order_id).await?;
    let cancel = order::Command::Cancel(Cancel { reason, by: By::Staff });
    // What has left the seller meanwhile stays as it is: an observation is never refused.
    if work.decide(&order, cancel).is_ok() {
        release_stock(&order, order_id, work).await?;
    }
    Ok(())
}

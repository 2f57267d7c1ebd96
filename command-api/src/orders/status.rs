//! `PUT /orders/{order_id}/status`: the explicit commands under one path.

use axum::extract::State;
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::ids::OrderId;
use events_schema::order::CancelReason;
use events_schema::text::{Code, Name};
use schemars::JsonSchema;
use serde::Deserialize;

use super::cancel::CancelOrder;
use super::confirm::ConfirmOrder;
use super::deliver::DeliverOrder;
use super::prepare::PrepareOrder;
use super::ship::{Parcel, ShipOrder};
use crate::answer::{Answer, Changed};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    Preparing {},
    Shipped {
        carrier: Name,
        #[serde(default)]
        tracking_number: Option<Code>,
    },
    Delivered {},
    Confirmed {},
    Cancelled {
        reason: CancelReason,
    },
}

documented! { Request = "OrderStatus" }

/// Prepare, ship, deliver, confirm or cancel
#[utoipa::path(
    put, path = "/orders/{order_id}/status", tag = "orders", request_body = Request,
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn status(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    Json { value, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let caller = wish.caller.clone();
    match value {
        Request::Preparing {} => {
            api.execute(wish, fingerprint, PrepareOrder { caller, order_id }).await
        }
        Request::Shipped { carrier, tracking_number } => {
            let parcel = Parcel { carrier, tracking_number };
            api.execute(wish, fingerprint, ShipOrder { caller, order_id, parcel }).await
        }
        Request::Delivered {} => {
            api.execute(wish, fingerprint, DeliverOrder { caller, order_id }).await
        }
        Request::Confirmed {} => {
            api.execute(wish, fingerprint, ConfirmOrder { caller, order_id }).await
        }
        Request::Cancelled { reason } => {
            api.execute(wish, fingerprint, CancelOrder { caller, order_id, reason }).await
        }
    }
}

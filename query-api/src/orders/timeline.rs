//! `GET /orders/{order_id}/timeline`

pub mod gather;

mod entry;
mod summary;

use axum::extract::State;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::{MinPosition, Place};
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::OrderId;
use events_schema::stream::StreamId;

use crate::access;
use crate::answer::Answer;
use crate::failure;
use crate::params::Params;
use crate::place;
use crate::state::Queries;

/// Everything that happened in the trade of one order, read from history itself: checkout, order,
/// money, parcels, stock, reviews, and the listing up to what the buyer saw.
#[utoipa::path(
    get,
    path = "/orders/{order_id}/timeline",
    tag = "orders",
    params(("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = entry::Timeline), (status = 304), (status = 404), (status = 412)),
)]
pub(crate) async fn timeline(
    State(queries): State<Queries>,
    Path(order_id): Path<OrderId>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let head = queries.log().head().await.map_err(failure::log)?;
    let place = Place { epoch: head.epoch, position: head.position };
    place::reached(least, place)?;
    let trade = gather::trade(queries.log(), order_id).await.map_err(failure::log)?;
    let trade = trade.ok_or_else(access::absent)?;
    let seat = access::seat(&caller, trade.buyer_id, [trade.seller_id].into_iter())?;
    let events = gather::events(queries.log(), trade.checkout_id, Some(order_id)).await;
    let events = events.map_err(failure::log)?.into_iter().map(Recorded::decode);
    let events: Vec<_> = events.collect::<Result<_, _>>().map_err(|error| failure::bug(&error))?;
    let of_order = events.iter().filter(|event| event.meta.stream == StreamId::Order(order_id));
    let version = of_order.map(|event| event.meta.version).max().unwrap_or(Version(0));
    let last = events.last().map_or(place.position, |event| event.position);
    let tag = ETag { version, place: Place { position: last, ..place } };
    let timeline = entry::timeline(&queries, order_id, events, seat).await?;
    Ok(Answer::of(&timeline, tag, place)?.unless(&seen))
}

//! `GET /orders/{order_id}`

use axum::extract::State;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::ids::OrderId;
use projector::views::order::OrderView;
use projector::views::trail::Subject;

use super::answered::Order;
use crate::access;
use crate::answer::Answer;
use crate::history;
use crate::params::Params;
use crate::state::Queries;

/// One order, now or as it was, for its buyer, its seller and the staff.
#[utoipa::path(
    get,
    path = "/orders/{order_id}",
    tag = "orders",
    params(
        ("order_id" = String, Path, description = "`ord_…`"),
        ("as_of" = Option<String>, Query, description = "As it was known then (RFC 3339)"),
        ("as_of_position" = Option<u64>, Query, description = "As it was known after this position of the log"),
        ("valid_at" = Option<String>, Query, description = "As it was then, by what has become known since (RFC 3339)"),
    ),
    responses((status = 200, body = Order), (status = 304), (status = 400), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn get(
    State(queries): State<Queries>,
    Path(order_id): Path<OrderId>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = history::Asked::read(&mut params)?;
    params.finish()?;
    let read = match asked {
        Some(asked) => {
            let past =
                asked.read_past::<OrderView>(&queries, Subject::Order(order_id), &order_id).await?;
            past.present()?
        }
        None => {
            let place = queries.reach::<OrderView>(least).await?;
            let read = queries.document::<OrderView>(&order_id.to_string(), place).await?;
            read.ok_or_else(access::absent)?
        }
    };
    let order = &read.document;
    let seat = access::seat(&caller, order.buyer_id, [order.seller_id].into_iter())?;
    let (tag, place) = (ETag { version: order.version, place: read.written() }, read.place);
    let order = Order::seen(&queries, read.document, seat).await?;
    Ok(Answer::of(&order, tag, place)?.unless(&seen))
}

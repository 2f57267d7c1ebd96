//! `GET /events/{position}`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::Place;
use edge::problem::{Code, Problem};
use events_schema::envelope::Position;

use super::line;
use crate::answer::Answer;
use crate::failure;
use crate::params::Params;
use crate::state::Queries;

/// One event of the log, for ever the same.
#[utoipa::path(
    get,
    path = "/events/{position}",
    tag = "events",
    params(("position" = u64, Path, description = "1, 2, 3 … without a gap")),
    responses((status = 200, body = line::Line<'static>), (status = 304), (status = 404)),
)]
pub(crate) async fn get(
    State(queries): State<Queries>,
    Path(position): Path<u64>,
    seen: IfNoneMatch,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let position = Position(position);
    let absent = || Problem::new(Code::NotFound, "the log has no event at this position");
    let head = queries.log().head().await.map_err(failure::log)?;
    if position == Position(0) || position > head.position {
        return Err(absent());
    }
    let mut events = queries.log().read_at(&[position]).await.map_err(failure::log)?;
    let event = events.pop().ok_or_else(absent)?;
    let place = Place { epoch: event.epoch, position };
    let mut body = Vec::new();
    line::write(&event, &mut body).map_err(|error| failure::bug(&error))?;
    let tag = ETag { version: event.meta.version, place };
    let answer = Answer { tag, place, body: body.into() };
    Ok(([(header::CACHE_CONTROL, "private, immutable")], answer.unless(&seen)).into_response())
}

//! `GET /events`

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use edge::headers::place::Place;
use edge::problem::Problem;
use events_schema::Event;
use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use futures::stream::{self, Stream};
use storage::event_log::{Error, Filter, Head, SharedLog};
use tokio_util::sync::CancellationToken;

use super::line;
use crate::failure;
use crate::params::{Params, invalid};
use crate::state::Queries;

/// The most events that are in memory for one reader.
const PAGE: usize = 256;
const TYPES_MAX: usize = 32;
const STREAM_BYTES_MAX: usize = 64;

/// History as lines of JSON in the order of positions. A reader that was cut off goes on with
/// `after` = the last position it has; nothing is doubled and nothing is missing.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    params(
        ("after" = Option<String>, Query, description = "Begin after this position: `42` or, from a header, `1.42`"),
        ("type" = Option<Vec<String>>, Query, description = "Only events of these types (repeat it)", explode = true),
        ("stream" = Option<String>, Query, description = "Only streams whose name begins so: `order/`, or one whole stream"),
        ("from" = Option<String>, Query, description = "Recorded then or later (RFC 3339)"),
        ("until" = Option<String>, Query, description = "Recorded before then (RFC 3339)"),
        ("follow" = Option<bool>, Query, description = "Go on with what is recorded from now on"),
    ),
    responses((status = 200, body = line::Line<'static>, content_type = "application/x-ndjson"), (status = 400), (status = 412)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    mut params: Params,
) -> Result<Response, Problem> {
    let head = queries.log().head().await.map_err(failure::log)?;
    let after = after(&mut params, head)?;
    let follow = params.flag("follow")?;
    let filter = filter(&mut params)?;
    params.finish()?;
    if follow && filter.recorded_until.is_some() {
        return Err(invalid("until", "does not go with follow"));
    }
    let reader = Reader {
        log: queries.log().clone(),
        filter,
        after,
        end: if follow { None } else { Some(head.position) },
        closing: queries.closing().clone(),
    };
    let place = Place { epoch: head.epoch, position: head.position };
    let content_type = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((place, content_type, Body::from_stream(pages(reader))).into_response())
}

fn after(params: &mut Params, head: Head) -> Result<Position, Problem> {
    let Some(text) = params.text("after")? else { return Ok(Position(0)) };
    let position = if text.contains('.') {
        let place: Place = text.parse().map_err(|error| invalid("after", error))?;
        crate::place::same_epoch(place, head.epoch)?
    } else {
        Position(text.parse().map_err(|_| invalid("after", "is no position, such as 42 or 1.42"))?)
    };
    if position > head.position {
        return Err(invalid("after", format!("is beyond the head, which is {}", head.position)));
    }
    Ok(position)
}

fn filter(params: &mut Params) -> Result<Filter, Problem> {
    let event_types = params.texts("type");
    if event_types.len() > TYPES_MAX {
        return Err(invalid("type", format!("stands more than {TYPES_MAX} times")));
    }
    if let Some(unknown) = event_types.iter().find(|name| Event::known(name).is_none()) {
        return Err(invalid("type", format!("{unknown:?} is no type of event")));
    }
    let stream_prefix = params.text("stream")?;
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_/".contains(&byte);
    if let Some(prefix) = &stream_prefix
        && (prefix.len() > STREAM_BYTES_MAX || !prefix.bytes().all(plain))
    {
        return Err(invalid("stream", "is not the beginning of a stream's name, such as order/"));
    }
    let recorded_from = params.value::<Timestamp>("from")?;
    let recorded_until = params.value::<Timestamp>("until")?;
    Ok(Filter { event_types, stream_prefix, correlation_id: None, recorded_from, recorded_until })
}

#[derive(Debug)]
pub(super) struct Reader {
    pub(super) log: SharedLog,
    pub(super) filter: Filter,
    pub(super) after: Position,
    /// `None` follows the tail.
    pub(super) end: Option<Position>,
    pub(super) closing: CancellationToken,
}

/// One page is read when the one before was sent: a slow reader slows nothing but itself.
pub(super) fn pages(reader: Reader) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|page| (page, reader)))
    })
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let end = match self.end {
                Some(end) => end,
                // Who follows is told to come again.
                None if self.closing.is_cancelled() => return Ok(None),
                None => self.log.head().await?.position,
            };
            if self.after < end {
                let page = self.page(end).await?;
                if !page.is_empty() {
                    return Ok(Some(page));
                }
            } else if self.end.is_some() {
                return Ok(None);
            } else {
                tokio::select! {
                    () = self.closing.cancelled() => return Ok(None),
                    () = self.log.wait_beyond(self.after) => {}
                }
            }
        }
    }

    /// The next events up to `end`.
    async fn page(&mut self, end: Position) -> Result<Bytes, Error> {
        let page = self.log.read(self.after, &self.filter, PAGE).await?;
        let mut lines = Vec::new();
        for event in page.events.iter().take_while(|event| event.position <= end) {
            line::write(event, &mut lines).map_err(|error| Error::Corrupt {
                position: event.position,
                what: error.to_string(),
            })?;
            lines.push(b'\n');
        }
        self.after = page.next.map_or(end, |next| next.min(end));
        Ok(lines.into())
    }
}

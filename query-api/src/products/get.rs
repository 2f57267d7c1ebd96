//! `GET /products/{listing_id}`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::{MinPosition, Place};
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::ids::ListingId;
use projector::views::listing_page::ListingPage;
use projector::views::trail::Subject;

use super::may_see;
use super::product::Product;
use crate::access;
use crate::answer::Answer;
use crate::history;
use crate::params::Params;
use crate::read::Read;
use crate::state::Queries;

/// One listing, now or as it was. What is hidden from the public now is so in its past too.
#[utoipa::path(
    get,
    path = "/products/{listing_id}",
    tag = "products",
    params(
        ("listing_id" = String, Path, description = "`lst_…`"),
        ("as_of" = Option<String>, Query, description = "As it was known then (RFC 3339)"),
        ("as_of_position" = Option<u64>, Query, description = "As it was known after this position of the log"),
        ("valid_at" = Option<String>, Query, description = "As it was then, by what has become known since (RFC 3339)"),
    ),
    responses((status = 200, body = Product), (status = 304), (status = 400), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn get(
    State(queries): State<Queries>,
    Path(listing_id): Path<ListingId>,
    caller: Option<Caller>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = history::Asked::read(&mut params)?;
    params.finish()?;
    let answer = match asked {
        Some(asked) => past(&queries, listing_id, caller.as_ref(), (least, asked)).await?,
        None => present(&queries, listing_id, caller.as_ref(), least).await?,
    };
    Ok(answer.unless(&seen))
}

async fn present(
    queries: &Queries,
    listing_id: ListingId,
    caller: Option<&Caller>,
    least: Option<Place>,
) -> Result<Answer, Problem> {
    let standing = queries.standing::<ListingPage>(least).await?;
    let (id, place) = (listing_id.to_string(), standing.place());
    let as_seen_by = async |caller| {
        let read = queries.document::<ListingPage>(&id, place).await?;
        let read = read.filter(|read| may_see(caller, &read.document));
        answer(read.ok_or_else(access::absent)?)
    };
    let key = format!("products/{id}");
    match queries.public(key, standing.into(), as_seen_by(None)).await {
        // What is hidden from the public may be the caller's own.
        Err(problem) if problem.status() == StatusCode::NOT_FOUND && caller.is_some() => {
            as_seen_by(caller).await
        }
        public => public,
    }
}

/// Whoever sees a past must have been shown it then and be shown the listing now: what was taken
/// down for a counterfeit, or for what its text gave away, must not go on being read as of
/// yesterday. The staff reads every past, also of a listing whose present page is parked.
async fn past(
    queries: &Queries,
    listing_id: ListingId,
    caller: Option<&Caller>,
    (least, asked): (Option<Place>, history::Asked),
) -> Result<Answer, Problem> {
    if !caller.is_some_and(access::is_staff) {
        present(queries, listing_id, caller, least).await?;
    }
    let subject = Subject::Listing(listing_id);
    let read = asked.read_past::<ListingPage>(queries, subject, &listing_id).await?.present()?;
    if may_see(caller, &read.document) { answer(read) } else { Err(access::absent()) }
}

fn answer(read: Read<ListingPage>) -> Result<Answer, Problem> {
    let tag = ETag { version: read.document.version, place: read.written() };
    Answer::of(&Product::from(read.document), tag, read.place)
}

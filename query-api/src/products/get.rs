//! `GET /products/{listing_id}`

use axum::extract::State;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::MinPosition;
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

/// One listing, now or as it was.
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
    let read = match asked {
        Some(asked) => {
            let past = asked
                .read_past::<ListingPage>(&queries, Subject::Listing(listing_id), &listing_id)
                .await?;
            past.present()?
        }
        None => {
            let place = queries.reach::<ListingPage>(least).await?;
            let key = listing_id.to_string();
            if let Some(answer) = queries.kept(&key, place) {
                return Ok(answer.unless(&seen));
            }
            let read = queries.document::<ListingPage>(&key, place).await?;
            let read = read.ok_or_else(access::absent)?;
            if read.document.status.is_public() {
                let answer = answer(read)?;
                queries.keep(key, &answer);
                return Ok(answer.unless(&seen));
            }
            read
        }
    };
    if !may_see(caller.as_ref(), &read.document) {
        return Err(access::absent());
    }
    Ok(answer(read)?.unless(&seen))
}

fn answer(read: Read<ListingPage>) -> Result<Answer, Problem> {
    let tag = ETag { version: read.document.version, place: read.written() };
    Answer::of(&Product::from(read.document), tag, read.place)
}

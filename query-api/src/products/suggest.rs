//! `GET /products/suggest`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use projector::views::listing_search::ListingSearch;
use schemars::JsonSchema;
use serde::Serialize;
use storage::search::{SUGGESTIONS_MAX, TEXT_BYTES_MAX};

use crate::answer::Answer;
use crate::basis::Basis;
use crate::failure;
use crate::params::{Params, invalid};
use crate::state::Queries;

const USUAL: usize = 10;

/// What may be meant, the most frequent first.
#[derive(Debug, JsonSchema, Serialize)]
struct Suggestions {
    /// Whole texts to search for.
    items: Vec<String>,
}

documented!(Suggestions);

/// Completes the last word of a search that is being typed, from the titles of what is offered.
/// Initials alone (`ㅇㅇㅍ`) and a syllable in progress (`아잎`) are understood.
#[utoipa::path(
    get,
    path = "/products/suggest",
    tag = "products",
    params(
        ("q" = String, Query, description = "What was typed so far, at most 400 bytes"),
        ("limit" = Option<usize>, Query, description = "1 to 20; 10 if absent"),
    ),
    responses((status = 200, body = Suggestions), (status = 304), (status = 400), (status = 412), (status = 503)),
)]
pub(crate) async fn suggest(
    State(queries): State<Queries>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let typed = params.text("q")?.ok_or_else(|| invalid("q", "is missing"))?;
    if typed.len() > TEXT_BYTES_MAX {
        return Err(invalid("q", format!("is longer than {TEXT_BYTES_MAX} bytes")));
    }
    let limit = params.limit(USUAL, SUGGESTIONS_MAX)?;
    params.finish()?;
    let basis = Basis::from(queries.standing::<ListingSearch>(least).await?);
    let key = format!("suggest/{limit}/{typed}");
    let load = async {
        let generation = queries.generation::<ListingSearch>()?;
        let found = queries.index().suggest(generation, &typed, limit).await;
        let suggestions = Suggestions { items: found.map_err(failure::search)? };
        Answer::of(&suggestions, basis.tag(), basis.place())
    };
    let answer = queries.public_list(key, basis, load).await?;
    Ok(answer.unless(&seen))
}

//! `GET /sellers/{seller_id}/rating`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::{MinPosition, Place};
use edge::problem::Problem;
use events_schema::envelope::Version;
use events_schema::ids::SellerId;
use projector::views::rating::{Document, Key, RatingView};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::params::Params;
use crate::read::Read;
use crate::sellers::known;
use crate::state::Queries;

/// What buyers think of a seller.
#[derive(Debug, JsonSchema, Serialize)]
struct Rating {
    seller_id: SellerId,
    /// How many gave 1, 2, 3, 4, 5 stars.
    stars: [u64; 5],
    count: u64,
    /// Hundredths of a star; absent without a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    average_hundredths: Option<u64>,
}

documented!(Rating);

/// Stars and their average.
#[utoipa::path(
    get,
    path = "/sellers/{seller_id}/rating",
    tag = "sellers",
    params(("seller_id" = String, Path, description = "`sel_…`")),
    responses((status = 200, body = Rating), (status = 304), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn rating(
    State(queries): State<Queries>,
    Path(seller_id): Path<SellerId>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let standing = queries.standing::<RatingView>(least).await?;
    let load = rated(&queries, seller_id, standing.place());
    let answer = queries.public(format!("ratings/{seller_id}"), standing.into(), load).await?;
    Ok(answer.unless(&seen))
}

async fn rated(queries: &Queries, seller_id: SellerId, place: Place) -> Result<Answer, Problem> {
    let key = Key::Seller(seller_id).to_string();
    let read = match queries.document::<RatingView>(&key, place).await? {
        Some(read) => read,
        None => {
            let position = known(queries, seller_id).await?.position;
            Read { document: Document::default(), position, place }
        }
    };
    let (position, rated) = (read.written(), read.document);
    let tag = ETag { version: Version(rated.count), place: position };
    let average_hundredths = (rated.count > 0).then_some(rated.average_hundredths);
    let rating = Rating { seller_id, stars: rated.stars, count: rated.count, average_hundredths };
    Answer::of(&rating, tag, place)
}

//! Reviews as everybody may read them: what is written in a review is meant for the public.

use edge::documented;
use edge::problem::Problem;
use events_schema::envelope::Version;
use events_schema::ids::{ReviewId, SellerId};
use events_schema::review::{Rating, Side};
use events_schema::time::Timestamp;
use projector::views::review::Document;
use schemars::JsonSchema;
use serde::Serialize;

use crate::page::Page;
use crate::personal::Shown;
use crate::state::Queries;

/// One side's opinion of one trade. Who wrote it, and of which order, is not told.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Review {
    review_id: ReviewId,
    version: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_id: Option<SellerId>,
    side: Side,
    rating: Rating,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<Shown>,
    written_at: Timestamp,
}

/// A page of reviews, newest first.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
pub(crate) struct Reviews(pub(crate) Page<Review>);

documented!(Review, Reviews);

/// Opens the comments of a page.
pub(crate) async fn shown(
    queries: &Queries,
    (documents, next_cursor): (Vec<Document>, Option<String>),
) -> Result<Reviews, Problem> {
    let mut items = Vec::with_capacity(documents.len());
    for document in documents {
        items.push(review(queries, document).await?);
    }
    Ok(Reviews(Page { items, next_cursor }))
}

async fn review(queries: &Queries, document: Document) -> Result<Review, Problem> {
    let comment = Shown::open(queries.sealer(), document.comment.as_ref()).await?;
    Ok(Review {
        review_id: document.review_id,
        version: document.version,
        seller_id: document.seller_id,
        side: document.side,
        rating: document.rating,
        comment,
        written_at: document.written_at,
    })
}

//! `GET /likes`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::ids::ListingId;
use events_schema::time::Timestamp;
use projector::views::like::{Document, LikeView};
use projector::views::listing_page::ListingPage;
use schemars::JsonSchema;
use serde::Serialize;
use storage::documents::Direction;

use crate::answer::Answer;
use crate::page::{self, List, Page};
use crate::params::Params;
use crate::products::product::Product;
use crate::state::Queries;

/// A listing that the caller likes.
#[derive(Debug, JsonSchema, Serialize)]
struct Like {
    listing_id: ListingId,
    given_at: Timestamp,
    /// Absent while not everybody may see the listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
}

/// A page of likes, newest first.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
struct Likes(Page<Like>);

documented!(Likes);

/// What the caller likes, newest first.
#[utoipa::path(
    get,
    path = "/likes",
    tag = "likes",
    params(
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Likes), (status = 304), (status = 400), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    params.finish()?;
    let likes = queries.standing::<LikeView>(least).await?;
    let basis = likes.and(queries.standing::<ListingPage>(least).await?);
    let person_id = caller.person_id.to_string();
    let list = List {
        name: &format!("likes/{person_id}"),
        index: "by_person",
        equals: &[&person_id],
        direction: Direction::Descending,
    };
    let (likes, next_cursor) = queries.documents_page::<LikeView>(&list, &asked).await?;
    let ids: Vec<String> = likes.iter().map(|like| like.listing_id.to_string()).collect();
    let listings = queries.several::<ListingPage>(&ids).await?.into_iter();
    let public = listings.filter(|listing| listing.status.is_public());
    let mut products: BTreeMap<ListingId, Product> =
        public.map(|listing| (listing.listing_id, Product::from(listing))).collect();
    let like = |Document { listing_id, given_at, .. }| {
        let product = products.remove(&listing_id);
        Like { listing_id, given_at, product }
    };
    let likes = Likes(Page { items: likes.into_iter().map(like).collect(), next_cursor });
    Ok(Answer::of(&likes, basis.tag(), basis.place())?.unless(&seen))
}

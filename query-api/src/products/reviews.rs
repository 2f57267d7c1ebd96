//! `GET /products/{listing_id}/reviews`

use axum::extract::State;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::ids::ListingId;
use projector::views::listing_page::ListingPage;
use projector::views::review::ReviewView;
use storage::documents::Direction;

use super::may_see;
use crate::access;
use crate::answer::Answer;
use crate::page::{self, List};
use crate::params::Params;
use crate::reviews::{self, Reviews};
use crate::state::Queries;

/// What buyers wrote of the listing's seller, newest first: a review is of a trade with a seller,
/// and one order may hold several listings.
#[utoipa::path(
    get,
    path = "/products/{listing_id}/reviews",
    tag = "products",
    params(
        ("listing_id" = String, Path, description = "`lst_…`"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Reviews), (status = 304), (status = 400), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    Path(listing_id): Path<ListingId>,
    caller: Option<Caller>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    params.finish()?;
    let place = queries.reach::<ListingPage>(least).await?;
    let listing = queries.document::<ListingPage>(&listing_id.to_string(), place).await?;
    let listing = listing.filter(|read| may_see(caller.as_ref(), &read.document));
    let listing = listing.ok_or_else(access::absent)?;
    let place = queries.reach::<ReviewView>(least).await?;
    let seller_id = listing.document.seller_id.to_string();
    let list = List {
        name: &format!("product_reviews/{listing_id}"),
        index: "by_seller_side",
        equals: &[&seller_id, "buyer"],
        direction: Direction::Descending,
    };
    let documents = queries.documents_page::<ReviewView>(&list, &asked).await?;
    let reviews = reviews::shown(&queries, documents).await?;
    Ok(Answer::of(&reviews, Answer::tag_of_list(place), place)?.unless(&seen))
}

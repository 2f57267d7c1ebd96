//! `GET /sellers/{seller_id}/reviews`

use axum::extract::State;
use axum::response::Response;
use edge::extract::Path;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use events_schema::ids::SellerId;
use projector::views::review::ReviewView;
use storage::documents::Direction;

use crate::answer::Answer;
use crate::page::{self, List};
use crate::params::Params;
use crate::reviews::{self, Reviews};
use crate::state::Queries;

/// What buyers wrote of a seller, newest first.
#[utoipa::path(
    get,
    path = "/sellers/{seller_id}/reviews",
    tag = "sellers",
    params(
        ("seller_id" = String, Path, description = "`sel_…`"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Reviews), (status = 304), (status = 400), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    Path(seller_id): Path<SellerId>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    params.finish()?;
    let place = queries.reach::<ReviewView>(least).await?;
    let seller_id = seller_id.to_string();
    let list = List {
        name: &format!("seller_reviews/{seller_id}"),
        index: "by_seller_side",
        equals: &[&seller_id, "buyer"],
        direction: Direction::Descending,
    };
    let documents = queries.documents_page::<ReviewView>(&list, &asked).await?;
    let reviews = reviews::shown(&queries, documents).await?;
    Ok(Answer::of(&reviews, Answer::tag_of_list(place), place)?.unless(&seen))
}

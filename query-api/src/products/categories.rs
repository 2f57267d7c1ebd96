//! `GET /products/categories`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use events_schema::envelope::Version;
use events_schema::ids::CategoryId;
use events_schema::text::Name;
use projector::views::category::{CategoryView, Document, ROOT};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::params::Params;
use crate::state::Queries;

/// The tree, by name on every level.
#[derive(Debug, JsonSchema, Serialize)]
struct Categories {
    items: Vec<Category>,
}

/// A node and what is below it, at most three levels in all.
#[derive(Debug, JsonSchema, Serialize)]
struct Category {
    category_id: CategoryId,
    version: Version,
    name: Name,
    children: Vec<Self>,
}

documented!(Categories);

/// The categories that take listings.
#[utoipa::path(
    get,
    path = "/products/categories",
    tag = "products",
    responses((status = 200, body = Categories), (status = 304), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let standing = queries.standing::<CategoryView>(least).await?;
    let answer = queries.public_list("categories".to_owned(), standing.into(), async {
        let mut by_parent: BTreeMap<String, Vec<Document>> = BTreeMap::new();
        let active = queries.find_all::<CategoryView>("by_status", &["active"]).await?;
        for category in active {
            by_parent.entry(category.parent.clone()).or_default().push(category);
        }
        let categories = Categories { items: below(ROOT, &by_parent) };
        let place = standing.place();
        Answer::of(&categories, Answer::tag_of_list(place), place)
    });
    Ok(answer.await?.unless(&seen))
}

/// A parent is an ancestor, so this ends.
fn below(parent: &str, by_parent: &BTreeMap<String, Vec<Document>>) -> Vec<Category> {
    let children = by_parent.get(parent).into_iter().flatten();
    let node = |category: &Document| Category {
        category_id: category.category_id,
        version: category.version,
        name: category.name.clone(),
        children: below(&category.category_id.to_string(), by_parent),
    };
    children.map(node).collect()
}

//! `GET /products`

mod wanted;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::point::Point;
use projector::views::listing_page::ListingPage;
use projector::views::listing_search::ListingSearch;
use schemars::JsonSchema;
use serde::Serialize;
use storage::documents::Direction;

use self::wanted::Wanted;
use super::product::Product;
use crate::answer::Answer;
use crate::failure;
use crate::page::{List, Page};
use crate::params::Params;
use crate::state::Queries;

/// A page of listings.
#[derive(Debug, JsonSchema, Serialize)]
struct Products {
    #[serde(flatten)]
    page: Page<Product>,
    /// How many match; only where something is searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// For each facet that was asked for: its values and how many match with each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facets: BTreeMap<&'static str, Vec<Count>>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct Count {
    value: String,
    count: u64,
}

documented!(Products);

/// What is on sale: the newest, or what is searched for. Filters may be repeated: one of the values
/// has to fit.
#[utoipa::path(
    get,
    path = "/products",
    tag = "products",
    params(
        ("q" = Option<String>, Query, description = "Words to look for, at most 400 bytes"),
        ("category" = Option<Vec<String>>, Query, description = "In this category or below it: `cat_…`"),
        ("region" = Option<Vec<String>>, Query, description = "In this region: `서울특별시/마포구`"),
        ("condition" = Option<Vec<String>>, Query, description = "`new`, `like_new`, `good`, `fair`, `for_parts`"),
        ("seller_id" = Option<Vec<String>>, Query, description = "Of this seller: `sel_…`"),
        ("seller_kind" = Option<Vec<String>>, Query, description = "`individual` or `business`"),
        ("brand" = Option<Vec<String>>, Query, description = "Of this brand"),
        ("status" = Option<String>, Query, description = "`on_sale` if absent; a seller may ask for its own in any state"),
        ("price_min" = Option<u64>, Query, description = "In minor units"),
        ("price_max" = Option<u64>, Query, description = "In minor units"),
        ("near" = Option<String>, Query, description = "Latitude and longitude in degrees, `37.55,126.91`, for `within_km` and `sort=distance`. Rounded to 0.01°, and not kept"),
        ("within_km" = Option<u32>, Query, description = "With a meeting point at most this far from `near`: 1 to 1000"),
        ("sort" = Option<String>, Query, description = "`relevance`, `newest`, `price_asc`, `price_desc`, or `distance` from `near`, which leaves out what has no meeting point"),
        ("facets" = Option<String>, Query, description = "Counts of these, joined by commas: `category,region,condition,seller_id,seller_kind,brand`"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Products), (status = 304), (status = 400), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    caller: Option<Caller>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    // Read first: nothing below knows better where somebody is than its grid, the key least of all.
    let near = params.value::<Point>("near")?;
    let newest = queries.standing::<ListingPage>(least).await?;
    let basis = newest.and(queries.standing::<ListingSearch>(least).await?);
    let key = format!("products?{near:?}{params:?}");
    if let Some(answer) = queries.kept(&key, &basis) {
        return Ok(answer.unless(&seen));
    }
    let wanted = Wanted::read(params, near, caller.as_ref())?;
    let load = async {
        let products = match wanted.index() {
            Some((index, equals)) => newest_first(&queries, &wanted, index, &equals).await?,
            None => search(&queries, &wanted).await?,
        };
        Answer::of(&products, basis.tag(), basis.place())
    };
    let is_public = wanted.is_public();
    let answer = if is_public { queries.public_list(key, basis, load).await? } else { load.await? };
    Ok(answer.unless(&seen))
}

async fn newest_first(
    queries: &Queries,
    wanted: &Wanted,
    index: &str,
    equals: &[&str],
) -> Result<Products, Problem> {
    let list = List { name: &wanted.name(), index, equals, direction: Direction::Descending };
    let page = queries.page::<ListingPage, Product>(&list, &wanted.page).await?;
    Ok(Products { page, total: None, facets: BTreeMap::new() })
}

/// Search finds the ids, one read gets the documents.
async fn search(queries: &Queries, wanted: &Wanted) -> Result<Products, Problem> {
    let query = wanted.query(queries.edge())?;
    let generation = queries.generation::<ListingSearch>()?;
    let hits = queries.index().search(generation, &query).await.map_err(failure::search)?;
    let documents = queries.several::<ListingSearch>(&hits.ids).await?;
    let visible = documents.into_iter().filter(|listing| listing.status.is_public());
    let product = |listing| {
        let product = Product::from(listing);
        match &query.text {
            Some(text) => product.found_by(|title| queries.index().highlights(text, title)),
            None => product,
        }
    };
    let next_cursor = hits.next.map(|next| wanted.cursor(queries.edge(), next)).transpose()?;
    let facets = hits.facets.into_iter().map(|(facet, values)| {
        let counts = values.into_iter().map(|(value, count)| Count { value, count }).collect();
        (facet.name(), counts)
    });
    Ok(Products {
        page: Page { items: visible.map(product).collect(), next_cursor },
        total: Some(hits.total),
        facets: facets.collect(),
    })
}

//! `GET /products/{listing_id}/history`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::envelope::{Position, Version};
use events_schema::ids::ListingId;
use events_schema::money::Money;
use events_schema::text::Reason;
use events_schema::time::Timestamp;
use projector::views::listing_changes::{Document, ListingChanges};
use projector::views::listing_page::ListingPage;
use schemars::JsonSchema;
use serde::Serialize;
use storage::documents::Direction;

use super::{is_inside, may_see};
use crate::access;
use crate::answer::Answer;
use crate::page::{self, List, Page};
use crate::params::Params;
use crate::state::Queries;

/// A change of a listing or its price.
#[derive(Debug, JsonSchema, Serialize)]
struct Change {
    /// Of the listing, after the change.
    version: Version,
    #[schemars(with = "u64")]
    position: Position,
    /// `listing.price_changed` …
    change: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_price: Option<Money>,
    /// Why it was rejected or suspended; for the seller and the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// `per_…:seller` for the seller and the staff, `seller` for everybody else.
    actor: String,
    /// When it happened.
    occurred_at: Timestamp,
    /// When we learned it.
    recorded_at: Timestamp,
}

/// A page of changes, newest first.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
struct Changes(Page<Change>);

documented!(Changes);

/// Who changed what of a listing, and when: all changes, or those of the price.
#[utoipa::path(
    get,
    path = "/products/{listing_id}/history",
    tag = "products",
    params(
        ("listing_id" = String, Path, description = "`lst_…`"),
        ("change" = Option<String>, Query, description = "Only changes of this type: `listing.price_changed` …"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Changes), (status = 304), (status = 400), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    Path(listing_id): Path<ListingId>,
    caller: Option<Caller>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    let change = params.text("change")?;
    params.finish()?;
    let place = queries.reach::<ListingPage>(least).await?;
    let listing_id = listing_id.to_string();
    let listing = queries.document::<ListingPage>(&listing_id, place).await?;
    let listing = listing.filter(|read| may_see(caller.as_ref(), &read.document));
    let listing = listing.ok_or_else(access::absent)?.document;
    let place = queries.reach::<ListingChanges>(least).await?;
    let name = format!("history/{listing_id}/{}", change.as_deref().unwrap_or_default());
    let mut equals = vec![listing_id.as_str()];
    equals.extend(change.as_deref());
    let index = if change.is_some() { "by_listing_change" } else { "by_listing" };
    let list = List { name: &name, index, equals: &equals, direction: Direction::Descending };
    let mut changes = Changes(queries.page::<ListingChanges, Change>(&list, &asked).await?);
    if !caller.is_some_and(|caller| is_inside(&caller, &listing)) {
        changes.0.items.iter_mut().for_each(Change::hide);
    }
    Ok(Answer::of(&changes, Answer::tag_of_list(place), place)?.unless(&seen))
}

impl Change {
    /// Leaves out what concerns the seller and the staff alone.
    fn hide(&mut self) {
        self.reason = None;
        if let Some((_, role)) = self.actor.split_once(':') {
            self.actor = role.to_owned();
        }
    }
}

impl From<Document> for Change {
    fn from(document: Document) -> Self {
        Self {
            version: document.version,
            position: document.position,
            change: document.change,
            old_price: document.old_price,
            new_price: document.new_price,
            reason: document.reason,
            actor: document.actor,
            occurred_at: document.occurred_at,
            recorded_at: document.recorded_at,
        }
    }
}

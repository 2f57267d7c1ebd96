//! `GET /policies`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::Problem;
use events_schema::envelope::Version;
use events_schema::policy::{PolicyKind, Terms};
use events_schema::time::Timestamp;
use projector::views::policy::{Document, PolicyView};
use schemars::JsonSchema;
use serde::Serialize;
use storage::documents::Direction;

use crate::answer::Answer;
use crate::page::{self, List, Page};
use crate::params::{Params, invalid};
use crate::state::Queries;

/// Holds from then until the next one of its kind does.
#[derive(Debug, JsonSchema, Serialize)]
struct Policy {
    kind: PolicyKind,
    /// Decisions name the version that they rest on.
    version: Version,
    effective_from: Timestamp,
    terms: Terms,
    recorded_at: Timestamp,
}

/// A page of policies, the latest first.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
struct Policies(Page<Policy>);

documented!(Policies);

/// The versions of a kind of policy, the one that takes effect last first; without a kind the latest
/// of each.
#[utoipa::path(
    get,
    path = "/policies",
    tag = "policies",
    params(
        ("kind" = Option<String>, Query, description = "`fees` or `limits`"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Policies), (status = 304), (status = 400), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    let kind = params.value::<PolicyKind>("kind")?;
    params.finish()?;
    if kind.is_none() && asked.cursor.is_some() {
        return Err(invalid("cursor", "goes with kind"));
    }
    let place = queries.reach::<PolicyView>(least).await?;
    let page = match kind {
        Some(kind) => of_kind(&queries, kind, &asked).await?,
        None => {
            let mut items = Vec::new();
            for kind in PolicyKind::ALL {
                items.extend(of_kind(&queries, kind, &asked).await?.items);
            }
            Page { items, next_cursor: None }
        }
    };
    Ok(Answer::of(&Policies(page), Answer::tag_of_list(place), place)?.unless(&seen))
}

async fn of_kind(
    queries: &Queries,
    kind: PolicyKind,
    asked: &page::Asked,
) -> Result<Page<Policy>, Problem> {
    let list = List {
        name: &format!("policies/{}", kind.as_str()),
        index: "by_kind",
        equals: &[kind.as_str()],
        direction: Direction::Descending,
    };
    queries.page::<PolicyView, Policy>(&list, asked).await
}

impl From<Document> for Policy {
    fn from(document: Document) -> Self {
        Self {
            kind: document.kind,
            version: document.version,
            effective_from: document.effective_from,
            terms: document.terms,
            recorded_at: document.recorded_at,
        }
    }
}

//! `GET /sellers/{seller_id}`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::{MinPosition, Place};
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::envelope::Version;
use events_schema::ids::{PersonId, SellerId};
use events_schema::text::{Code, Name, Reason};
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use projector::views::seller::{SellerView, Status};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access;
use crate::answer::Answer;
use crate::params::Params;
use crate::personal::Shown;
use crate::state::Queries;

/// Who sells.
#[derive(Debug, JsonSchema, Serialize)]
struct Seller {
    seller_id: SellerId,
    version: Version,
    seller_kind: SellerKind,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_number: Option<Code>,
    #[schemars(with = "String")]
    status: Status,
    registered_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    /// Only for the seller itself and the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<PersonId>,
    /// Only for the seller itself and the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Shown>,
    /// Why it is suspended. Only for the seller itself and the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

documented!(Seller);

/// One seller, as the public sees it, or as it sees itself.
#[utoipa::path(
    get,
    path = "/sellers/{seller_id}",
    tag = "sellers",
    params(("seller_id" = String, Path, description = "`sel_…`")),
    responses((status = 200, body = Seller), (status = 304), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn get(
    State(queries): State<Queries>,
    Path(seller_id): Path<SellerId>,
    caller: Option<Caller>,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let standing = queries.standing::<SellerView>(least).await?;
    let (id, place) = (seller_id.to_string(), standing.place());
    let answer = match caller {
        None => {
            let key = format!("sellers/{id}");
            queries.public(key, standing.into(), as_seen_by(&queries, None, &id, place)).await?
        }
        Some(caller) => as_seen_by(&queries, Some(&caller), &id, place).await?,
    };
    Ok(answer.unless(&seen))
}

async fn as_seen_by(
    queries: &Queries,
    caller: Option<&Caller>,
    id: &str,
    place: Place,
) -> Result<Answer, Problem> {
    let read = queries.document::<SellerView>(id, place).await?;
    let read = read.ok_or_else(access::absent)?;
    let tag = ETag { version: read.document.version, place: read.written() };
    let document = read.document;
    let inside = caller.is_some_and(|caller| {
        access::is_staff(caller)
            || access::sells_as(caller, document.seller_id)
            || caller.person_id == document.owner_id
    });
    let contact = document.contact.as_ref().filter(|_| inside);
    let contact = Shown::open(queries.sealer(), contact).await?;
    let seller = Seller {
        seller_id: document.seller_id,
        version: document.version,
        seller_kind: document.seller_kind,
        name: document.name,
        registration_number: document.registration_number,
        status: document.status,
        registered_at: document.registered_at,
        source: document.source,
        owner_id: inside.then_some(document.owner_id),
        contact,
        reason: document.reason.filter(|_| inside),
    };
    Answer::of(&seller, tag, place)
}

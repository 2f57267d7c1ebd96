//! `GET /sellers/{seller_id}/balance`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::{MinPosition, Place};
use edge::policy::Policy;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::envelope::{Role, Version};
use events_schema::ids::SellerId;
use events_schema::money::{Currency, Money};
use events_schema::time::Timestamp;
use projector::views::seller_balance::{Document, SellerBalance};
use projector::views::trail::Subject;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access;
use crate::answer::Answer;
use crate::history;
use crate::params::Params;
use crate::sellers::known;
use crate::state::Queries;

pub(crate) const READERS: Policy =
    Policy::AnyOf(&[Role::Seller, Role::Manager, Role::Auditor, Role::Admin]);

/// What the marketplace owes a seller.
#[derive(Debug, JsonSchema, Serialize)]
struct Balance {
    seller_id: SellerId,
    balances: Vec<InCurrency>,
    /// When something was last released.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

/// `due` = `to_seller` + `shipping`; fee and VAT were kept.
#[derive(Debug, JsonSchema, Serialize)]
struct InCurrency {
    currency: Currency,
    due: Money,
    /// For items, fee and VAT taken off.
    to_seller: Money,
    shipping: Money,
    fee: Money,
    fee_vat: Money,
    /// How many releases these amounts come from.
    releases: u64,
}

documented!(Balance);

/// What is due to the seller, now or as it was. For the seller, its managers and the staff.
#[utoipa::path(
    get,
    path = "/sellers/{seller_id}/balance",
    tag = "sellers",
    params(
        ("seller_id" = String, Path, description = "`sel_…`"),
        ("as_of" = Option<String>, Query, description = "As it was known then (RFC 3339)"),
        ("as_of_position" = Option<u64>, Query, description = "As it was known after this position of the log"),
        ("valid_at" = Option<String>, Query, description = "As it was then, by what has become known since (RFC 3339)"),
    ),
    responses((status = 200, body = Balance), (status = 304), (status = 400), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn balance(
    State(queries): State<Queries>,
    Path(seller_id): Path<SellerId>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = history::Asked::read(&mut params)?;
    params.finish()?;
    if !access::is_staff(&caller) && !access::sells_as(&caller, seller_id) {
        return Err(access::absent());
    }
    let (read, place) = match asked {
        Some(asked) => {
            let subject = Subject::Balance(seller_id);
            let past = asked.read_past::<SellerBalance>(&queries, subject, &seller_id).await?;
            (past.document, past.place)
        }
        None => {
            let place = queries.reach::<SellerBalance>(least).await?;
            (queries.document::<SellerBalance>(&seller_id.to_string(), place).await?, place)
        }
    };
    let Some(read) = read else {
        let seller = known(&queries, seller_id).await?;
        let position = seller.position.min(place.position);
        let tag = ETag { version: Version(0), place: Place { position, ..place } };
        let nothing = Balance { seller_id, balances: Vec::new(), updated_at: None };
        return Ok(Answer::of(&nothing, tag, place)?.unless(&seen));
    };
    let releases = read.document.balances.iter().map(|balance| balance.releases).sum();
    let tag = ETag { version: Version(releases), place: read.written() };
    Ok(Answer::of(&Balance::from(read.document), tag, place)?.unless(&seen))
}

impl From<Document> for Balance {
    fn from(document: Document) -> Self {
        let balances = document.balances.into_iter().map(|balance| InCurrency {
            currency: balance.currency,
            due: balance.due,
            to_seller: balance.to_seller,
            shipping: balance.shipping,
            fee: balance.fee,
            fee_vat: balance.fee_vat,
            releases: balance.releases,
        });
        Self {
            seller_id: document.seller_id,
            balances: balances.collect(),
            updated_at: Some(document.updated_at),
        }
    }
}

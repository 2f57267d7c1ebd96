//! `GET /checkouts/{checkout_id}`

use axum::extract::State;
use axum::response::Response;
use edge::documented;
use edge::extract::Path;
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::MinPosition;
use edge::policy::Policy;
use edge::problem::Problem;
use edge::token::Caller;
use events_schema::checkout::{DeclineReason, EndReason, Share};
use events_schema::envelope::{Role, Version};
use events_schema::ids::{CheckoutId, PersonId, TenderId};
use events_schema::money::Money;
use events_schema::text::Code;
use events_schema::time::Timestamp;
use events_schema::trade::{Source, TenderMethod};
use projector::views::checkout::{CheckoutView, Document, Status, TenderState, TenderStatus};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access;
use crate::anomalies::Anomalies;
use crate::answer::Answer;
use crate::params::Params;
use crate::state::Queries;

/// A checkout tells what its buyer paid to every seller: it is not shown to any of them.
pub(crate) const READERS: Policy = Policy::AnyOf(&[Role::Buyer, Role::Auditor, Role::Admin]);

/// What one buyer pays at once.
#[derive(Debug, JsonSchema, Serialize)]
struct Checkout {
    checkout_id: CheckoutId,
    version: Version,
    buyer_id: PersonId,
    #[schemars(with = "String")]
    status: Status,
    /// One per order that is to be paid, or is paid.
    shares: Vec<Share>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured: Option<Money>,
    /// What of it no order explains.
    #[serde(skip_serializing_if = "Option::is_none")]
    excess: Option<Money>,
    /// What of it orders had got that were cancelled since: it is refunded with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_back: Option<Money>,
    tenders: Vec<Tender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    #[serde(skip_serializing_if = "Anomalies::is_empty")]
    anomalies: Anomalies,
    opened_at: Timestamp,
    updated_at: Timestamp,
}

/// One part of the payment.
#[derive(Debug, JsonSchema, Serialize)]
struct Tender {
    tender_id: TenderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<TenderMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[schemars(with = "String")]
    status: TenderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<DeclineReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Code>,
}

documented!(Checkout);

/// One checkout and how far its payment has got, for its buyer and the staff.
#[utoipa::path(
    get,
    path = "/checkouts/{checkout_id}",
    tag = "checkouts",
    params(("checkout_id" = String, Path, description = "`chk_…`")),
    responses((status = 200, body = Checkout), (status = 304), (status = 404), (status = 412), (status = 503)),
)]
pub(crate) async fn get(
    State(queries): State<Queries>,
    Path(checkout_id): Path<CheckoutId>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let place = queries.reach::<CheckoutView>(least).await?;
    let read = queries.document::<CheckoutView>(&checkout_id.to_string(), place).await?;
    let read = read.ok_or_else(access::absent)?;
    access::seat(&caller, read.document.buyer_id, std::iter::empty())?;
    let tag = ETag { version: read.document.version, place: read.written() };
    Ok(Answer::of(&Checkout::from(read.document), tag, place)?.unless(&seen))
}

impl From<Document> for Checkout {
    fn from(checkout: Document) -> Self {
        Self {
            checkout_id: checkout.checkout_id,
            version: checkout.version,
            buyer_id: checkout.buyer_id,
            status: checkout.status,
            shares: checkout.shares,
            total: checkout.total,
            captured: checkout.captured,
            excess: checkout.excess,
            given_back: checkout.given_back,
            tenders: checkout.tenders.into_iter().map(Tender::from).collect(),
            pay_until: checkout.pay_until,
            end_reason: checkout.end_reason,
            source: checkout.source,
            anomalies: Anomalies::from(checkout.anomalies),
            opened_at: checkout.opened_at,
            updated_at: checkout.updated_at,
        }
    }
}

impl From<TenderState> for Tender {
    fn from(tender: TenderState) -> Self {
        Self {
            tender_id: tender.tender_id,
            method: tender.method,
            amount: tender.amount,
            status: tender.status,
            decline_reason: tender.decline_reason,
            reference: tender.reference,
        }
    }
}

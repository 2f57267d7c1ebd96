//! `POST /reviews/{review_id}/report`

use async_trait::async_trait;
use axum::extract::State;
use domain::review::{Command, Report, Review};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::ids::{PersonId, ReviewId};
use events_schema::text::Reason;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    reason: Reason,
}

documented! { Request = "ReportReview" }

/// Asks for a review to be looked at. Once a person is enough.
#[derive(Clone, Debug)]
pub struct ReportReview {
    pub reporter_id: PersonId,
    pub review_id: ReviewId,
    pub reason: Reason,
}

/// Ask for a review to be looked at
#[utoipa::path(
    post, path = "/reviews/{review_id}/report", tag = "reviews", request_body = Request,
    params(Wish, ("review_id" = String, Path, description = "`rev_…`")),
    responses((status = 200, body = Changed), (status = 404)),
)]
pub(crate) async fn report(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(review_id): Path<ReviewId>,
    Json { value: Request { reason }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = ReportReview { reporter_id: wish.caller.person_id, review_id, reason };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for ReportReview {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { reporter_id, review_id, reason } = self.clone();
        let review = work.read::<Review>(review_id).await?;
        let report = Command::Report(Report { reporter_id, reason });
        written(review_id, work.decide(&review, report)?)
    }
}

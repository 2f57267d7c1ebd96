//! `POST /checkouts/{checkout_id}/observations`: what a gateway says of a tender. What follows for
//! orders, escrows and stock is written in the same append.

pub(crate) mod follow;
mod request;

use async_trait::async_trait;
use axum::extract::State;
use domain::checkout::{Checkout, Observation, Rejection};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::{CheckoutId, PersonId};
use events_schema::time::Timestamp;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

pub use request::PaymentReport;

documented! { request::Request = "PaymentObservation" }

/// Records what a gateway says of a tender, also of a checkout that nobody opened.
#[derive(Clone, Debug)]
pub struct ObservePayment {
    pub checkout_id: CheckoutId,
    /// Whose payment it is, where the checkout does not say.
    pub buyer_id: Option<PersonId>,
    pub report: PaymentReport,
    /// When it happened there.
    pub occurred_at: Timestamp,
}

/// Report what a gateway says of a tender
#[utoipa::path(
    post, path = "/checkouts/{checkout_id}/observations", tag = "checkouts",
    request_body = request::Request,
    params(Wish, ("checkout_id" = String, Path, description = "`chk_…`")),
    responses((status = 201, body = Changed), (status = 404), (status = 422)),
)]
pub(crate) async fn observe(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(checkout_id): Path<CheckoutId>,
    Json { value, fingerprint }: Json<request::Request>,
) -> Result<Answer, CommandError> {
    let request::Request { occurred_at, buyer_id, report } = value;
    let wish = wish.of(occurred_at);
    let occurred_at = occurred_at.unwrap_or_else(|| api.now());
    let command = ObservePayment { checkout_id, buyer_id, report, occurred_at };
    Ok(api.execute(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for ObservePayment {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let checkout_id = self.checkout_id;
        let checkout = work.read::<Checkout>(checkout_id).await?;
        let known = match &*checkout {
            Checkout::Absent => None,
            Checkout::Known(known) => Some(&**known),
        };
        let buyer_id = known.map(|known| known.buyer_id).or(self.buyer_id);
        // An event of nobody's cannot be written.
        let buyer_id = buyer_id.ok_or(Rejection::NotFound).map_err(CommandError::refused)?;
        let fact = request::fact(&self.report, known, self.occurred_at)?;
        let observation = Observation { checkout_id, buyer_id, fact };
        let events = work.observe_events(&checkout, observation);
        if let Some(known) = known {
            follow::follow(&checkout, known, &events, work).await?;
        }
        written(checkout_id, work.read::<Checkout>(checkout_id).await?.version())
    }
}

//! `POST /sellers/{seller_id}/reinstate`

use async_trait::async_trait;
use axum::extract::State;
use domain::seller::{Command, Seller};
use edge::extract::Path;
use edge::json::NoBody;
use events_schema::envelope::Role;
use events_schema::ids::SellerId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Lets a suspended seller sell again.
#[derive(Clone, Debug)]
pub struct ReinstateSeller {
    pub seller_id: SellerId,
}

/// Let a suspended seller sell again
#[utoipa::path(
    post, path = "/sellers/{seller_id}/reinstate", tag = "sellers",
    params(Wish, ("seller_id" = String, Path, description = "`sel_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn reinstate(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(seller_id): Path<SellerId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, ReinstateSeller { seller_id }).await
}

#[async_trait]
impl Handle for ReinstateSeller {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let seller = work.read::<Seller>(self.seller_id).await?;
        let version = work.decide(&seller, Command::Reinstate)?;
        written(self.seller_id, version)
    }
}

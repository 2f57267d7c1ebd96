//! `DELETE /products/categories/{category_id}`

use async_trait::async_trait;
use axum::extract::State;
use domain::category::{Category, Command};
use edge::extract::Path;
use edge::json::NoBody;
use events_schema::envelope::Role;
use events_schema::ids::CategoryId;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Takes no new listings and no new children from now on.
#[derive(Clone, Debug)]
pub struct RetireCategory {
    pub category_id: CategoryId,
}

/// Close a category to new listings
#[utoipa::path(
    delete, path = "/products/categories/{category_id}", tag = "categories",
    params(Wish, ("category_id" = String, Path, description = "`cat_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn retire(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(category_id): Path<CategoryId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, RetireCategory { category_id }).await
}

#[async_trait]
impl Handle for RetireCategory {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let category = work.read::<Category>(self.category_id).await?;
        let version = work.decide(&category, Command::Retire)?;
        written(self.category_id, version)
    }
}

//! `PUT /products/categories/{category_id}`

use async_trait::async_trait;
use axum::extract::State;
use domain::category::{Category, Command, Rename};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::CategoryId;
use events_schema::text::Name;
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
    name: Name,
}

documented! { Request = "RenameCategory" }

/// Gives a category another name.
#[derive(Clone, Debug)]
pub struct RenameCategory {
    pub category_id: CategoryId,
    pub name: Name,
}

/// Give a category another name
#[utoipa::path(
    put, path = "/products/categories/{category_id}", tag = "categories", request_body = Request,
    params(Wish, ("category_id" = String, Path, description = "`cat_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn rename(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(category_id): Path<CategoryId>,
    Json { value: Request { name }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    api.execute(wish, fingerprint, RenameCategory { category_id, name }).await
}

#[async_trait]
impl Handle for RenameCategory {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Admin);
        let category = work.read::<Category>(self.category_id).await?;
        let version =
            work.decide(&category, Command::Rename(Rename { name: self.name.clone() }))?;
        written(self.category_id, version)
    }
}

//! `POST /products/categories`

use async_trait::async_trait;
use axum::extract::State;
use domain::category::{Category, Command, Create};
use edge::documented;
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
    #[serde(default)]
    parent_id: Option<CategoryId>,
}

documented! { Request = "CreateCategory" }

/// Adds a category, at the root or below another.
#[derive(Clone, Debug)]
pub struct CreateCategory {
    pub name: Name,
    pub parent_id: Option<CategoryId>,
}

/// Add a category, at the root or below another
#[utoipa::path(
    post, path = "/products/categories", tag = "categories", request_body = Request,
    params(Wish),
    responses((status = 201, body = Changed), (status = 422)),
)]
pub(crate) async fn create(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { name, parent_id }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let command = CreateCategory { name, parent_id };
    Ok(api.execute(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for CreateCategory {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { name, parent_id } = self.clone();
        work.act_as(Role::Admin);
        let parent = match parent_id {
            None => None,
            Some(parent_id) => Some(work.read::<Category>(parent_id).await?.clone()),
        };
        let category_id = work.id(CategoryId::new);
        let category = work.open::<Category>(category_id).await?;
        let create = Create { category_id, name, parent };
        written(category_id, work.decide(&category, Command::Create(create))?)
    }
}

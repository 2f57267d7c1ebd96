//! `POST /reviews`

use async_trait::async_trait;
use axum::extract::State;
use domain::order::{By, Order, Status};
use domain::review::{self, Author, Command, Rating, Rejection, Review, Write};
use edge::documented;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::OrderId;
use events_schema::personal::{Comment, Personal};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    order_id: OrderId,
    rating: Rating,
    #[serde(default)]
    comment: Option<Comment>,
}

documented! { Request = "WriteReview" }

/// Says what one side thinks of a delivered order.
#[derive(Clone, Debug)]
pub struct WriteReview {
    pub caller: Caller,
    pub order_id: OrderId,
    pub rating: Rating,
    pub comment: Option<Personal<Comment>>,
}

/// Say what you think of a delivered order
#[utoipa::path(
    post, path = "/reviews", tag = "reviews", request_body = Request,
    params(Wish),
    responses((status = 201, body = Changed), (status = 404), (status = 409)),
)]
pub(crate) async fn write(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { order_id, rating, comment }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let caller = wish.caller.clone();
    let sealed = api.seal(caller.person_id, comment).await;
    let command = sealed.map(|comment| WriteReview { caller, order_id, rating, comment });
    Ok(api.execute_sealed(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for WriteReview {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let order = work.read::<Order>(self.order_id).await?;
        let author = match party::side(&self.caller, order.trade(), work).await? {
            By::Buyer(person_id) => Author::Buyer(person_id),
            By::Seller(seller_id) => Author::Seller(seller_id),
            By::Staff => return Err(CommandError::refused(Rejection::OrderNotFound)),
        };
        let trade =
            *order.trade().ok_or(Rejection::OrderNotFound).map_err(CommandError::refused)?;
        let delivered = matches!(order.status(), Some(Status::Delivered | Status::Confirmed));
        let review_id = review::review_id(self.order_id, author.side());
        let review = work.read::<Review>(review_id).await?;
        let (rating, comment) = (self.rating, self.comment.clone());
        let write = Write { trade, delivered, author, rating, comment };
        written(review_id, work.decide(&review, Command::Write(write))?)
    }
}

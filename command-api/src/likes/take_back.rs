//! `DELETE /products/{listing_id}/like`

use async_trait::async_trait;
use axum::extract::State;
use domain::like::{self, Command, Like};
use edge::extract::Path;
use edge::json::NoBody;
use events_schema::ids::{ListingId, PersonId};

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Likes a listing no longer, whatever has become of it.
#[derive(Clone, Debug)]
pub struct TakeBackLike {
    pub person_id: PersonId,
    pub listing_id: ListingId,
}

/// Like a listing no longer
#[utoipa::path(
    delete, path = "/products/{listing_id}/like", tag = "likes",
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed)),
)]
pub(crate) async fn take_back(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = TakeBackLike { person_id: wish.caller.person_id, listing_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for TakeBackLike {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let like_id = like::like_id(self.listing_id, self.person_id);
        let like = work.read::<Like>(like_id).await?;
        written(like_id, work.decide(&like, Command::TakeBack)?)
    }
}

//! `PUT /products/{listing_id}/like`

use async_trait::async_trait;
use axum::extract::State;
use domain::like::{self, Command, Give, Like, Subject};
use domain::listing::{self, Listing};
use domain::seller::Seller;
use edge::extract::Path;
use edge::json::NoBody;
use events_schema::ids::{ListingId, PersonId};

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// Likes a listing. Once a person is enough.
#[derive(Clone, Debug)]
pub struct GiveLike {
    pub person_id: PersonId,
    pub listing_id: ListingId,
}

/// Like a listing
#[utoipa::path(
    put, path = "/products/{listing_id}/like", tag = "likes",
    params(Wish, ("listing_id" = String, Path, description = "`lst_…`")),
    responses((status = 200, body = Changed), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn give(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(listing_id): Path<ListingId>,
    NoBody { fingerprint }: NoBody,
) -> Result<Answer, CommandError> {
    let command = GiveLike { person_id: wish.caller.person_id, listing_id };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for GiveLike {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { person_id, listing_id } = *self;
        let like_id = like::like_id(listing_id, person_id);
        let like = work.read::<Like>(like_id).await?;
        let listing = work.read::<Listing>(listing_id).await?;
        let contents = listing.contents().ok_or(listing::Rejection::NotFound);
        let seller_id = contents.map_err(CommandError::refused)?.seller_id;
        let seller = work.read::<Seller>(seller_id).await?;
        let give = Give {
            subject: Subject { listing_id, seller_id, person_id },
            owner_id: seller.identity().map(|identity| identity.owner_id),
            offered: listing.offer().map(|_| ()),
        };
        written(like_id, work.decide(&like, Command::Give(give))?)
    }
}

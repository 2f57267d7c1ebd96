//! What everybody may read of a seller, and what only the seller may.

pub(crate) mod balance;
pub(crate) mod get;
pub(crate) mod rating;
pub(crate) mod reviews;

use edge::problem::Problem;
use events_schema::ids::SellerId;
use projector::views::seller::SellerView;

use crate::access;
use crate::read::Read;
use crate::state::Queries;

/// The seller, of whom nothing else is told yet.
///
/// # Errors
/// 404 where there is none.
async fn known(queries: &Queries, seller_id: SellerId) -> Result<Read<SellerView>, Problem> {
    let place = queries.reach::<SellerView>(None).await?;
    let seller = queries.document::<SellerView>(&seller_id.to_string(), place).await?;
    seller.ok_or_else(access::absent)
}

//! What buyers read of listings.

pub(crate) mod categories;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod product;
pub(crate) mod reviews;
pub(crate) mod suggest;

use edge::token::Caller;
use projector::views::listing_page::Document;

use crate::access;

/// Everybody may see what is, or was, on sale; the rest only its seller and the staff.
fn may_see(caller: Option<&Caller>, listing: &Document) -> bool {
    listing.status.is_public() || caller.is_some_and(|caller| is_inside(caller, listing))
}

/// Its seller, or the staff.
fn is_inside(caller: &Caller, listing: &Document) -> bool {
    access::is_staff(caller) || access::sells_as(caller, listing.seller_id)
}

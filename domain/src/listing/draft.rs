//! Draft a listing, which nobody else sees yet.

use events_schema::listing::{Details, Drafted};
use events_schema::policy::Limits;

use super::{Event, Listing, Rejection, contents};
use crate::category::Category;
use crate::ids::{ListingId, SellerId};
use crate::money::Money;
use crate::seller::{self, By, Seller};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub by: By,
    /// The seller as it was read.
    pub seller: Seller,
    pub price: Money,
    /// `category_ancestors` is filled in here.
    pub details: Details,
    /// The category of the details as it was read; absent where they name none.
    pub category: Category,
    pub limits: Limits,
}

pub(super) fn decide(listing: &Listing, command: Draft) -> Result<Vec<Event>, Rejection> {
    let Draft { listing_id, seller_id, by, seller, price, details, category, limits } = command;
    let identity = seller
        .identity()
        .filter(|identity| identity.seller_id == seller_id && by.acts_for(seller_id))
        .ok_or(seller::Rejection::NotFound)?;
    if let Some(known) = listing.contents() {
        let same = known.seller_id == seller_id
            && known.price == price
            && contents::same(&known.details, &details);
        return if same { Ok(vec![]) } else { Err(Rejection::AlreadyExists) };
    }
    seller.trading()?;
    let details = contents::placed(details, category, None)?;
    contents::check(price, &details, &limits)?;
    let seller_kind = identity.seller_kind;
    Ok(vec![Drafted { listing_id, seller_id, seller_kind, price, details }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_withdrawn, active_seller, details, drafted, listing_id, on_sale, owner,
        seller_id, stranger, suspended_seller, won,
    };
    use crate::policy::DEFAULT_LIMITS;
    use crate::testing::{given, id};

    fn a_wish() -> Draft {
        Draft {
            listing_id: listing_id(),
            seller_id: seller_id(),
            by: owner(),
            seller: active_seller(),
            price: won(10_000),
            details: details("자전거"),
            category: Category::Absent,
            limits: DEFAULT_LIMITS,
        }
    }

    fn draft(change: impl FnOnce(&mut Draft)) -> Command {
        let mut wish = a_wish();
        change(&mut wish);
        Command::Draft(wish)
    }

    fn dear(wish: &mut Draft) {
        wish.price = won(DEFAULT_LIMITS.price_minor_max + 1);
    }

    #[test]
    fn drafts_a_listing() {
        for by in [owner(), By::Staff] {
            given::<Listing>(NOTHING)
                .when(draft(|wish| wish.by = by))
                .then([drafted(details("자전거"))]);
        }
    }

    #[test]
    fn does_nothing_when_already_drafted() {
        for history in [a_draft(), on_sale(), a_withdrawn()] {
            given::<Listing>(history).when(draft(|_| ())).then_nothing();
        }
        given::<Listing>(a_draft())
            .when(draft(|wish| wish.seller = suspended_seller()))
            .then_nothing();
    }

    #[test]
    fn refuses_other_contents_under_the_same_id() {
        given::<Listing>(a_draft())
            .when(draft(|wish| wish.price = won(1)))
            .then_rejected(Rejection::AlreadyExists);
        given::<Listing>(a_draft())
            .when(draft(|wish| wish.details = details("의자")))
            .then_rejected(Rejection::AlreadyExists);
    }

    #[test]
    fn refuses_a_seller_that_is_absent_or_somebody_elses() {
        let not_found = Rejection::Seller(seller::Rejection::NotFound);
        for command in [
            draft(|wish| wish.seller = Seller::Absent),
            draft(|wish| wish.by = stranger()),
            draft(|wish| {
                wish.seller_id = id(9, SellerId::new);
                wish.by = By::Staff;
            }),
        ] {
            given::<Listing>(NOTHING).when(command).then_rejected(not_found);
        }
    }

    #[test]
    fn refuses_a_suspended_seller() {
        given::<Listing>(NOTHING)
            .when(draft(|wish| wish.seller = suspended_seller()))
            .then_rejected(Rejection::Seller(seller::Rejection::Suspended));
    }

    #[test]
    fn refuses_a_category_that_does_not_exist() {
        given::<Listing>(NOTHING)
            .when(draft(|wish| wish.details.category_id = Some(id(1, crate::ids::CategoryId::new))))
            .then_rejected(Rejection::CategoryNotFound);
    }

    #[test]
    fn refuses_a_price_above_the_limit() {
        given::<Listing>(NOTHING).when(draft(dear)).then_rejected(Rejection::PriceTooHigh);
    }

    #[test]
    fn refuses_permission_before_existence_before_state_before_amounts() {
        let suspended = |wish: &mut Draft| {
            wish.seller = suspended_seller();
            dear(wish);
        };
        given::<Listing>(a_draft())
            .when(draft(|wish| {
                suspended(wish);
                wish.by = stranger();
            }))
            .then_rejected(Rejection::Seller(seller::Rejection::NotFound));
        given::<Listing>(a_draft()).when(draft(suspended)).then_rejected(Rejection::AlreadyExists);
        given::<Listing>(NOTHING)
            .when(draft(suspended))
            .then_rejected(Rejection::Seller(seller::Rejection::Suspended));
    }
}

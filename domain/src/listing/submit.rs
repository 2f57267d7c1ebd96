//! Ask for approval, for the first time or after a rejection.

use events_schema::listing::Submitted;

use super::{Event, Listing, Rejection};
use crate::seller::{By, Seller};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    pub by: By,
    /// The listing's seller as it was read.
    pub seller: Seller,
}

pub(super) fn decide(
    listing: &Listing,
    Submit { by, seller }: Submit,
) -> Result<Vec<Event>, Rejection> {
    let offer = listing.owned(by)?;
    match listing {
        Listing::Absent => return Err(Rejection::NotFound),
        Listing::Submitted(_) => return Ok(vec![]),
        Listing::OnSale(_) | Listing::Suspended(_) => return Err(Rejection::AlreadyApproved),
        Listing::Withdrawn(_) => return Err(Rejection::Withdrawn),
        Listing::Draft(_) | Listing::Rejected(_) => (),
    }
    seller.trading()?;
    Ok(vec![Submitted { listing_id: offer.listing_id, seller_id: offer.seller_id }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, active_seller,
        on_sale, owner, stranger, submitted, suspended_seller,
    };
    use crate::seller;
    use crate::testing::given;

    fn submit(by: By, seller: Seller) -> Command {
        Command::Submit(Submit { by, seller })
    }

    #[test]
    fn submits_a_draft_and_again_after_a_rejection() {
        for history in [a_draft(), a_rejected()] {
            for by in [owner(), By::Staff] {
                given::<Listing>(history.clone())
                    .when(submit(by, active_seller()))
                    .then([submitted()]);
            }
        }
    }

    #[test]
    fn does_nothing_when_already_submitted() {
        given::<Listing>(a_submitted()).when(submit(owner(), suspended_seller())).then_nothing();
    }

    #[test]
    fn refuses_what_is_absent_or_somebody_elses() {
        given::<Listing>(NOTHING)
            .when(submit(By::Staff, active_seller()))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(a_draft())
            .when(submit(stranger(), active_seller()))
            .then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_once_approved_or_gone() {
        for history in [on_sale(), a_suspended()] {
            given::<Listing>(history)
                .when(submit(owner(), active_seller()))
                .then_rejected(Rejection::AlreadyApproved);
        }
        given::<Listing>(a_withdrawn())
            .when(submit(owner(), active_seller()))
            .then_rejected(Rejection::Withdrawn);
    }

    #[test]
    fn refuses_a_seller_who_may_not_trade() {
        given::<Listing>(a_draft())
            .when(submit(owner(), suspended_seller()))
            .then_rejected(Rejection::Seller(seller::Rejection::Suspended));
        given::<Listing>(a_draft())
            .when(submit(owner(), Seller::Absent))
            .then_rejected(Rejection::Seller(seller::Rejection::NotFound));
    }

    #[test]
    fn refuses_permission_before_state() {
        given::<Listing>(a_withdrawn())
            .when(submit(stranger(), suspended_seller()))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(a_withdrawn())
            .when(submit(owner(), suspended_seller()))
            .then_rejected(Rejection::Withdrawn);
    }
}

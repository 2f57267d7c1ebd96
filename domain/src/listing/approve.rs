//! Approve a listing: it goes on sale.

use events_schema::listing::Approved;

use super::{Event, Listing, Rejection};

pub(super) fn decide(listing: &Listing) -> Result<Vec<Event>, Rejection> {
    match listing {
        Listing::Absent => Err(Rejection::NotFound),
        Listing::OnSale(_) => Ok(vec![]),
        Listing::Draft(_) | Listing::Rejected(_) | Listing::Suspended(_) => {
            Err(Rejection::NotSubmitted)
        }
        Listing::Withdrawn(_) => Err(Rejection::Withdrawn),
        Listing::Submitted(offer) => {
            let (listing_id, seller_id) = (offer.listing_id, offer.seller_id);
            Ok(vec![Approved { listing_id, seller_id }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, approved, on_sale,
    };
    use crate::testing::given;

    fn approve() -> Command {
        Command::Approve
    }

    #[test]
    fn puts_a_submitted_listing_on_sale() {
        given::<Listing>(a_submitted()).when(approve()).then([approved()]);
    }

    #[test]
    fn does_nothing_when_that_is_so_already() {
        given::<Listing>(on_sale()).when(approve()).then_nothing();
    }

    #[test]
    fn refuses_a_listing_that_does_not_exist() {
        given::<Listing>(NOTHING).when(approve()).then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_what_does_not_wait_for_approval() {
        for history in [a_draft(), a_rejected(), a_suspended()] {
            given::<Listing>(history).when(approve()).then_rejected(Rejection::NotSubmitted);
        }
    }

    #[test]
    fn refuses_once_it_is_withdrawn() {
        given::<Listing>(a_withdrawn()).when(approve()).then_rejected(Rejection::Withdrawn);
    }
}

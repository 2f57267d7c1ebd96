//! Put a suspended listing back on sale.

use events_schema::listing::Resumed;

use super::{Event, Listing, Rejection};

pub(super) fn decide(listing: &Listing) -> Result<Vec<Event>, Rejection> {
    match listing {
        Listing::Absent => Err(Rejection::NotFound),
        Listing::OnSale(_) => Ok(vec![]),
        Listing::Draft(_) | Listing::Submitted(_) | Listing::Rejected(_) => {
            Err(Rejection::NotSuspended)
        }
        Listing::Withdrawn(_) => Err(Rejection::Withdrawn),
        Listing::Suspended(offer) => {
            let (listing_id, seller_id) = (offer.listing_id, offer.seller_id);
            Ok(vec![Resumed { listing_id, seller_id }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, on_sale, resumed,
    };
    use crate::testing::given;

    fn resume() -> Command {
        Command::Resume
    }

    #[test]
    fn puts_a_suspended_listing_back_on_sale() {
        given::<Listing>(a_suspended()).when(resume()).then([resumed()]);
    }

    #[test]
    fn does_nothing_when_that_is_so_already() {
        given::<Listing>(on_sale()).when(resume()).then_nothing();
    }

    #[test]
    fn refuses_a_listing_that_does_not_exist() {
        given::<Listing>(NOTHING).when(resume()).then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_what_was_never_on_sale() {
        for history in [a_draft(), a_submitted(), a_rejected()] {
            given::<Listing>(history).when(resume()).then_rejected(Rejection::NotSuspended);
        }
    }

    #[test]
    fn refuses_once_it_is_withdrawn() {
        given::<Listing>(a_withdrawn()).when(resume()).then_rejected(Rejection::Withdrawn);
    }
}

//! Send a listing back to its seller, who may edit and submit it again.

use events_schema::listing::Rejected;

use super::{Event, Listing, Rejection};
use crate::text::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub reason: Reason,
}

pub(super) fn decide(
    listing: &Listing,
    Reject { reason }: Reject,
) -> Result<Vec<Event>, Rejection> {
    match listing {
        Listing::Absent => Err(Rejection::NotFound),
        Listing::Rejected(_) => Ok(vec![]),
        Listing::Draft(_) => Err(Rejection::NotSubmitted),
        Listing::OnSale(_) | Listing::Suspended(_) => Err(Rejection::AlreadyApproved),
        Listing::Withdrawn(_) => Err(Rejection::Withdrawn),
        Listing::Submitted(offer) => {
            let (listing_id, seller_id) = (offer.listing_id, offer.seller_id);
            Ok(vec![Rejected { listing_id, seller_id, reason }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, on_sale, reason,
        rejected,
    };
    use crate::testing::given;

    fn reject() -> Command {
        Command::Reject(Reject { reason: reason() })
    }

    #[test]
    fn sends_a_submitted_listing_back() {
        given::<Listing>(a_submitted()).when(reject()).then([rejected()]);
    }

    #[test]
    fn does_nothing_when_that_is_so_already() {
        given::<Listing>(a_rejected()).when(reject()).then_nothing();
    }

    #[test]
    fn refuses_a_listing_that_does_not_exist() {
        given::<Listing>(NOTHING).when(reject()).then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_what_was_never_submitted() {
        given::<Listing>(a_draft()).when(reject()).then_rejected(Rejection::NotSubmitted);
    }

    #[test]
    fn refuses_what_was_approved() {
        for history in [on_sale(), a_suspended()] {
            given::<Listing>(history).when(reject()).then_rejected(Rejection::AlreadyApproved);
        }
    }

    #[test]
    fn refuses_once_it_is_withdrawn() {
        given::<Listing>(a_withdrawn()).when(reject()).then_rejected(Rejection::Withdrawn);
    }
}

//! Take a listing off sale until it is resumed.

use events_schema::listing::Suspended;

use super::{Event, Listing, Rejection};
use crate::text::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspend {
    pub reason: Reason,
}

pub(super) fn decide(
    listing: &Listing,
    Suspend { reason }: Suspend,
) -> Result<Vec<Event>, Rejection> {
    match listing {
        Listing::Absent => Err(Rejection::NotFound),
        Listing::Suspended(_) => Ok(vec![]),
        Listing::Draft(_) | Listing::Submitted(_) | Listing::Rejected(_) => {
            Err(Rejection::NotOnSale)
        }
        Listing::Withdrawn(_) => Err(Rejection::Withdrawn),
        Listing::OnSale(offer) => {
            let (listing_id, seller_id) = (offer.listing_id, offer.seller_id);
            Ok(vec![Suspended { listing_id, seller_id, reason }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, on_sale, reason,
        suspended,
    };
    use crate::testing::given;

    fn suspend() -> Command {
        Command::Suspend(Suspend { reason: reason() })
    }

    #[test]
    fn takes_a_listing_off_sale() {
        given::<Listing>(on_sale()).when(suspend()).then([suspended()]);
    }

    #[test]
    fn does_nothing_when_that_is_so_already() {
        given::<Listing>(a_suspended()).when(suspend()).then_nothing();
    }

    #[test]
    fn refuses_a_listing_that_does_not_exist() {
        given::<Listing>(NOTHING).when(suspend()).then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_what_is_not_on_sale_yet() {
        for history in [a_draft(), a_submitted(), a_rejected()] {
            given::<Listing>(history).when(suspend()).then_rejected(Rejection::NotOnSale);
        }
    }

    #[test]
    fn refuses_once_it_is_withdrawn() {
        given::<Listing>(a_withdrawn()).when(suspend()).then_rejected(Rejection::Withdrawn);
    }
}

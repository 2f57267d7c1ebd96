//! Take a listing away for good. Orders that were placed go on.

use events_schema::listing::Withdrawn;

use super::{Event, Listing, Rejection};
use crate::seller::By;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdraw {
    pub by: By,
}

pub(super) fn decide(
    listing: &Listing,
    Withdraw { by }: Withdraw,
) -> Result<Vec<Event>, Rejection> {
    let offer = listing.owned(by)?;
    if let Listing::Withdrawn(_) = listing {
        return Ok(vec![]);
    }
    Ok(vec![Withdrawn { listing_id: offer.listing_id, seller_id: offer.seller_id }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, on_sale, owner,
        stranger, withdrawn,
    };
    use crate::testing::given;

    fn withdraw(by: By) -> Command {
        Command::Withdraw(Withdraw { by })
    }

    #[test]
    fn withdraws_from_every_state() {
        for history in [a_draft(), a_submitted(), a_rejected(), on_sale(), a_suspended()] {
            for by in [owner(), By::Staff] {
                given::<Listing>(history.clone()).when(withdraw(by)).then([withdrawn()]);
            }
        }
    }

    #[test]
    fn does_nothing_when_already_withdrawn() {
        given::<Listing>(a_withdrawn()).when(withdraw(owner())).then_nothing();
    }

    #[test]
    fn refuses_what_is_absent_or_somebody_elses() {
        given::<Listing>(NOTHING).when(withdraw(By::Staff)).then_rejected(Rejection::NotFound);
        for history in [on_sale(), a_withdrawn()] {
            given::<Listing>(history).when(withdraw(stranger())).then_rejected(Rejection::NotFound);
        }
    }
}

//! Change what a listing says: all but its price.

use events_schema::listing::{Details, Edited};
use events_schema::policy::Limits;

use super::{Event, Listing, Rejection, contents};
use crate::category::Category;
use crate::seller::By;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub by: By,
    /// `category_ancestors` is filled in here.
    pub details: Details,
    /// The category of the details as it was read; absent where they name none.
    pub category: Category,
    pub limits: Limits,
}

pub(super) fn decide(listing: &Listing, command: Edit) -> Result<Vec<Event>, Rejection> {
    let Edit { by, details, category, limits } = command;
    let offer = listing.owned(by)?;
    if contents::same(&offer.details, &details) {
        return Ok(vec![]);
    }
    listing.editable()?;
    let details = contents::placed(details, category, Some(&offer.details))?;
    contents::check(offer.price, &details, &limits)?;
    let edited = Edited { listing_id: offer.listing_id, seller_id: offer.seller_id, details };
    Ok(vec![edited.into()])
}

#[cfg(test)]
mod tests {
    use events_schema::point::Point;

    use super::*;
    use crate::listing::Command;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, details, edited,
        on_sale, owner, stranger, won,
    };
    use crate::policy::DEFAULT_LIMITS;
    use crate::testing::given;

    fn edit(by: By, details: Details) -> Command {
        let (category, limits) = (Category::Absent, DEFAULT_LIMITS);
        Command::Edit(Edit { by, details, category, limits })
    }

    fn dear() -> Details {
        let shipping = won(DEFAULT_LIMITS.price_minor_max + 1);
        Details { shipping, ..details("의자") }
    }

    #[test]
    fn edits_a_listing_that_does_not_wait_for_approval() {
        for history in [a_draft(), a_rejected(), on_sale(), a_suspended()] {
            for by in [owner(), By::Staff] {
                given::<Listing>(history.clone())
                    .when(edit(by, details("의자")))
                    .then([edited(details("의자"))]);
            }
        }
    }

    #[test]
    fn an_edit_leaves_the_state_as_it_is() {
        let listing = given::<Listing>([on_sale(), vec![edited(details("의자"))]].concat()).0;
        assert_eq!(listing.offer().unwrap().details, details("의자"));
    }

    #[test]
    fn does_nothing_when_it_already_says_so() {
        for history in [a_draft(), a_submitted(), on_sale(), a_withdrawn()] {
            given::<Listing>(history).when(edit(owner(), details("자전거"))).then_nothing();
        }
    }

    #[test]
    fn a_meeting_point_moves_by_steps_of_its_grid() {
        let at = |longitude| {
            let meeting_point = Some(Point::new(37_550_000, longitude).unwrap());
            Details { meeting_point, ..details("자전거") }
        };
        let listing = [on_sale(), vec![edited(at(126_910_000))]].concat();
        given::<Listing>(on_sale())
            .when(edit(owner(), at(126_911_234)))
            .then([edited(at(126_910_000))]);
        given::<Listing>(listing.clone()).when(edit(owner(), at(126_911_234))).then_nothing();
        given::<Listing>(listing)
            .when(edit(owner(), details("자전거")))
            .then([edited(details("자전거"))]);
    }

    #[test]
    fn refuses_what_is_absent_or_somebody_elses() {
        given::<Listing>(NOTHING)
            .when(edit(By::Staff, details("의자")))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(on_sale())
            .when(edit(stranger(), details("의자")))
            .then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_while_it_waits_and_once_it_is_gone() {
        given::<Listing>(a_submitted())
            .when(edit(owner(), details("의자")))
            .then_rejected(Rejection::AwaitsApproval);
        given::<Listing>(a_withdrawn())
            .when(edit(owner(), details("의자")))
            .then_rejected(Rejection::Withdrawn);
    }

    #[test]
    fn refuses_shipping_above_the_limit() {
        given::<Listing>(on_sale())
            .when(edit(owner(), dear()))
            .then_rejected(Rejection::PriceTooHigh);
    }

    #[test]
    fn refuses_permission_before_state_before_amounts() {
        given::<Listing>(a_submitted())
            .when(edit(stranger(), dear()))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(a_submitted())
            .when(edit(owner(), dear()))
            .then_rejected(Rejection::AwaitsApproval);
    }
}

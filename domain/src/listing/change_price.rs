//! Change the price. What was ordered before keeps the price it was ordered at.

use events_schema::listing::PriceChanged;
use events_schema::policy::Limits;

use super::{Event, Listing, Rejection, contents};
use crate::money::Money;
use crate::seller::By;

/// A price of zero is a gift (나눔).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePrice {
    pub by: By,
    pub price: Money,
    pub limits: Limits,
}

pub(super) fn decide(listing: &Listing, command: ChangePrice) -> Result<Vec<Event>, Rejection> {
    let ChangePrice { by, price, limits } = command;
    let offer = listing.owned(by)?;
    if price == offer.price {
        return Ok(vec![]);
    }
    listing.editable()?;
    contents::check(price, &offer.details, &limits)?;
    let changed = PriceChanged {
        listing_id: offer.listing_id,
        seller_id: offer.seller_id,
        old_price: offer.price,
        new_price: price,
    };
    Ok(vec![changed.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, details, drafted,
        on_sale, option, owner, price_changed, stranger, won,
    };
    use crate::listing::{Command, Details};
    use crate::money::Currency;
    use crate::policy::DEFAULT_LIMITS;
    use crate::testing::given;

    fn change(by: By, price: Money) -> Command {
        Command::ChangePrice(ChangePrice { by, price, limits: DEFAULT_LIMITS })
    }

    fn dear() -> Money {
        won(DEFAULT_LIMITS.price_minor_max + 1)
    }

    #[test]
    fn changes_the_price_down_to_a_gift() {
        for history in [a_draft(), a_rejected(), on_sale(), a_suspended()] {
            for by in [owner(), By::Staff] {
                given::<Listing>(history.clone())
                    .when(change(by, won(0)))
                    .then([price_changed(10_000, 0)]);
            }
        }
    }

    #[test]
    fn the_new_price_holds() {
        let history = [on_sale(), vec![price_changed(10_000, 9_000)]].concat();
        assert_eq!(given::<Listing>(history.clone()).0.offer().unwrap().price, won(9_000));
        given::<Listing>(history).when(change(owner(), won(9_000))).then_nothing();
    }

    #[test]
    fn does_nothing_when_it_costs_that_already() {
        for history in [a_draft(), a_submitted(), a_withdrawn()] {
            given::<Listing>(history).when(change(owner(), won(10_000))).then_nothing();
        }
    }

    #[test]
    fn refuses_what_is_absent_or_somebody_elses() {
        given::<Listing>(NOTHING)
            .when(change(By::Staff, won(1)))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(on_sale())
            .when(change(stranger(), won(1)))
            .then_rejected(Rejection::NotFound);
    }

    #[test]
    fn refuses_while_it_waits_and_once_it_is_gone() {
        given::<Listing>(a_submitted())
            .when(change(owner(), won(1)))
            .then_rejected(Rejection::AwaitsApproval);
        given::<Listing>(a_withdrawn())
            .when(change(owner(), won(1)))
            .then_rejected(Rejection::Withdrawn);
    }

    #[test]
    fn refuses_a_price_that_an_option_takes_below_zero() {
        let options = vec![option(1, -5_000)];
        given::<Listing>([drafted(Details { options, ..details("자전거") })])
            .when(change(owner(), won(4_999)))
            .then_rejected(Rejection::PriceBelowZero);
    }

    #[test]
    fn refuses_another_currency_and_what_is_above_the_limit() {
        given::<Listing>(on_sale())
            .when(change(owner(), Money::zero(Currency::Usd)))
            .then_rejected(Rejection::CurrencyMismatch);
        given::<Listing>(on_sale())
            .when(change(owner(), dear()))
            .then_rejected(Rejection::PriceTooHigh);
    }

    #[test]
    fn refuses_permission_before_state_before_amounts() {
        given::<Listing>(a_submitted())
            .when(change(stranger(), dear()))
            .then_rejected(Rejection::NotFound);
        given::<Listing>(a_submitted())
            .when(change(owner(), dear()))
            .then_rejected(Rejection::AwaitsApproval);
    }
}

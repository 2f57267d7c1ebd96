//! A listing that is on sale in another system.

use events_schema::listing::{Observed, PriceChanged};

use super::{Event, Listing};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    Seen(Observed),
}

pub(super) fn seen(listing: &Listing, seen: Observed) -> Vec<Event> {
    match listing.contents() {
        None => vec![seen.into()],
        Some(known) if known.price == seen.price => vec![],
        Some(known) => vec![
            PriceChanged {
                listing_id: known.listing_id,
                seller_id: known.seller_id,
                old_price: known.price,
                new_price: seen.price,
            }
            .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::testing::{
        NOTHING, a_draft, a_withdrawn, observed, on_sale, price_changed, resumed, suspended, won,
    };
    use crate::testing::given;

    fn seen(price: u64) -> Observation {
        Observation::Seen(observed(price))
    }

    #[test]
    fn an_unknown_listing_is_recorded_and_on_sale() {
        given::<Listing>(NOTHING).when_observed(seen(10_000)).then([observed(10_000)]);
        let listing = given::<Listing>([observed(10_000)]).0;
        assert_eq!(listing.offer().map(|offer| offer.price), Ok(won(10_000)));
    }

    #[test]
    fn another_price_is_a_change_in_whatever_state() {
        let known = vec![observed(10_000).into()];
        for history in [known, a_draft(), on_sale(), a_withdrawn()] {
            given::<Listing>(history)
                .when_observed(seen(9_000))
                .then([price_changed(10_000, 9_000)]);
        }
    }

    #[test]
    fn the_same_again_is_nothing() {
        given::<Listing>([observed(10_000)]).when_observed(seen(10_000)).then_nothing();
        given::<Listing>([observed(10_000).into(), price_changed(10_000, 9_000)])
            .when_observed(seen(9_000))
            .then_nothing();
    }

    #[test]
    fn a_fact_about_nothing_changes_nothing() {
        for event in [price_changed(1, 2), suspended(), resumed()] {
            assert_eq!(given::<Listing>([event]).0, Listing::Absent);
        }
    }
}

//! The seller earned the money.

use events_schema::escrow::Released;

use super::{Escrow, Event, Rejection};
use crate::money;

/// Shipping, fee and VAT go out as they were frozen; what was refunded before is taken from the
/// seller's part alone. An escrow that was refunded in whole releases nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release;

pub(super) fn decide(escrow: &Escrow, Release: Release) -> Result<Vec<Event>, Rejection> {
    let held = match escrow {
        Escrow::Absent => return Err(Rejection::NeverPlaced),
        // It was released once, and that is all there is.
        Escrow::Released(_) => return Ok(vec![]),
        Escrow::Held(held) => held,
    };
    let terms = held.terms.ok_or(Rejection::NeverPlaced)?;
    let (funded, refunded) = (held.funded()?, held.refunded()?);
    if matches!(funded.checked_sub(terms.due), Err(money::Error::Negative)) {
        return Err(Rejection::NotFunded);
    }
    if refunded == funded {
        return Ok(vec![]);
    }
    let to_seller = match terms.sellers_part()?.checked_sub(refunded) {
        Err(money::Error::Negative) => return Err(Rejection::ExceedsSellersPart),
        part => part?,
    };
    let released = Released {
        trade: held.trade,
        to_seller,
        shipping: terms.shipping,
        fee: terms.fee,
        fee_vat: terms.fee_vat,
    };
    Ok(vec![released.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escrow::Command;
    use crate::escrow::testing::{
        NOTHING, funded, opened, opened_with_fee, refunded, released, released_to_seller,
    };
    use crate::testing::given;

    const RELEASE: Command = Command::Release(Release);

    #[test]
    fn releases_the_four_parts() {
        given::<Escrow>([opened(), funded(1, 33_000)]).when(RELEASE).then([released()]);
    }

    #[test]
    fn what_was_refunded_is_taken_from_the_seller_alone() {
        given::<Escrow>([opened(), funded(1, 33_000), refunded(&[(1, 10_000)])])
            .when(RELEASE)
            .then([released_to_seller(18_350)]);
    }

    #[test]
    fn what_was_refunded_in_whole_or_released_before_releases_nothing() {
        given::<Escrow>([opened(), funded(1, 33_000), refunded(&[(1, 33_000)])])
            .when(RELEASE)
            .then_nothing();
        given::<Escrow>([opened(), funded(1, 33_000), released()]).when(RELEASE).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_amounts() {
        given::<Escrow>(NOTHING).when(RELEASE).then_rejected(Rejection::NeverPlaced);
        given::<Escrow>([funded(1, 33_000)]).when(RELEASE).then_rejected(Rejection::NeverPlaced);
        given::<Escrow>([opened_with_fee(99_999), funded(1, 32_999)])
            .when(RELEASE)
            .then_rejected(Rejection::NotFunded);
        given::<Escrow>([opened_with_fee(99_999), funded(1, 33_000)])
            .when(RELEASE)
            .then_rejected(Rejection::FeeExceedsDue);
        given::<Escrow>([opened(), funded(1, 33_000), refunded(&[(1, 30_000)])])
            .when(RELEASE)
            .then_rejected(Rejection::ExceedsSellersPart);
    }
}

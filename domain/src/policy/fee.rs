//! What the marketplace keeps of a sale: the one place where it is computed.

use events_schema::envelope::Version;
use events_schema::order::Fee;
use events_schema::policy::{FeeTerms, Fees, Rounding};

use crate::money::{self, Money};
use crate::trade::SellerKind;

const BASIS_POINTS: u128 = 10_000;

/// The terms for who sells.
#[must_use]
pub const fn fee_terms(fees: &Fees, seller_kind: SellerKind) -> FeeTerms {
    match seller_kind {
        SellerKind::Individual => fees.individual,
        SellerKind::Business => fees.business,
    }
}

/// The fee on the items' price (shipping is free of it) and the VAT on that fee, each rounded once.
///
/// # Errors
/// [`money::Error::Overflow`], only for rates above 100 %.
pub fn fee(terms: FeeTerms, policy_version: Version, items: Money) -> Result<Fee, money::Error> {
    let FeeTerms { rate_bp, vat_rate_bp, rounding } = terms;
    let amount = share(items, rate_bp, rounding)?;
    let vat = share(amount, vat_rate_bp, rounding)?;
    Ok(Fee { policy_version, rate_bp, amount, vat_rate_bp, vat, rounding })
}

fn share(of: Money, rate_bp: u32, rounding: Rounding) -> Result<Money, money::Error> {
    let added = match rounding {
        Rounding::Down => 0,
        Rounding::HalfUp => BASIS_POINTS / 2,
    };
    let minor = u128::from(of.amount_minor())
        .checked_mul(rate_bp.into())
        .and_then(|product| product.checked_add(added))
        .ok_or(money::Error::Overflow)?
        / BASIS_POINTS;
    let minor = u64::try_from(minor).map_err(|_| money::Error::Overflow)?;
    Money::from_minor(minor, of.currency())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::{AMOUNT_MINOR_MAX, Currency};
    use crate::policy::DEFAULT_FEES;

    fn won(minor: u64) -> Money {
        Money::from_minor(minor, Currency::Krw).unwrap()
    }

    fn taken(terms: FeeTerms, minor: u64) -> (u64, u64) {
        let fee = fee(terms, Version(3), won(minor)).unwrap();
        (fee.amount.amount_minor(), fee.vat.amount_minor())
    }

    #[test]
    fn takes_five_per_cent_and_vat_and_drops_fractions() {
        let terms = DEFAULT_FEES.individual;
        assert_eq!(taken(terms, 12_900), (645, 64));
        assert_eq!(taken(terms, 19), (0, 0));
        assert_eq!(taken(terms, 0), (0, 0));
        assert_eq!(taken(terms, AMOUNT_MINOR_MAX), (450_359_962_737_049, 45_035_996_273_704));
    }

    #[test]
    fn rounds_up_from_one_half_on() {
        let terms = FeeTerms { rounding: Rounding::HalfUp, ..DEFAULT_FEES.individual };
        assert_eq!(taken(terms, 9), (0, 0));
        assert_eq!(taken(terms, 10), (1, 0));
        assert_eq!(taken(terms, 12_900), (645, 65));
    }

    #[test]
    fn records_how_it_was_computed() {
        let fee = fee(DEFAULT_FEES.business, Version(3), won(10_000)).unwrap();
        let expected = Fee {
            policy_version: Version(3),
            rate_bp: 500,
            amount: won(500),
            vat_rate_bp: 1_000,
            vat: won(50),
            rounding: Rounding::Down,
        };
        assert_eq!(fee, expected);
    }

    #[test]
    fn tells_an_observed_rate_that_overflows() {
        let terms = FeeTerms { rate_bp: u32::MAX, ..DEFAULT_FEES.individual };
        assert_eq!(fee(terms, Version(1), won(AMOUNT_MINOR_MAX)), Err(money::Error::Overflow));
    }

    #[test]
    fn follows_who_sells() {
        let business = FeeTerms { rate_bp: 700, ..DEFAULT_FEES.business };
        let fees = Fees { business, ..DEFAULT_FEES };
        assert_eq!(fee_terms(&fees, SellerKind::Individual), DEFAULT_FEES.individual);
        assert_eq!(fee_terms(&fees, SellerKind::Business), business);
    }

    proptest! {
        #[test]
        fn never_takes_more_than_the_items_cost(
            minor in prop_oneof![0..10_u64, 0..=AMOUNT_MINOR_MAX],
            vat_rate_bp in 0..=10_000_u32,
            rate_bp in 0..=5_000_u32,
            half_up: bool,
        ) {
            // What `policy::record` lets through.
            prop_assume!(rate_bp.saturating_mul(vat_rate_bp.saturating_add(10_000)) <= 50_000_000);
            let rounding = if half_up { Rounding::HalfUp } else { Rounding::Down };
            let (amount, vat) = taken(FeeTerms { rate_bp, vat_rate_bp, rounding }, minor);
            prop_assert!(amount.saturating_add(vat) <= minor);
        }
    }
}

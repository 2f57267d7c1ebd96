//! How a captured amount is shared out among orders.

use crate::ids::OrderId;
use crate::money::{self, Money};

use super::Share;

/// Gives each order its part of `amount`, pro rata to what it lacks, never more than it lacks; an
/// order that gets nothing is left out. Also says what remains when all of them are satisfied.
///
/// The remainder of minor units goes to the largest remainders, each one unit; among equals the
/// order with the lowest id comes first.
///
/// # Errors
/// [`money::Error::CurrencyMismatch`], or [`money::Error::Overflow`] where what they lack together
/// is no amount.
pub fn split_by_largest_remainder(
    amount: Money,
    lacking: &[Share],
) -> Result<(Vec<Share>, Money), money::Error> {
    let currency = amount.currency();
    let wanted = Money::sum(currency, lacking.iter().map(|share| share.amount))?;
    if wanted.amount_minor() <= amount.amount_minor() {
        let given = lacking.iter().copied().filter(|share| !share.amount.is_zero()).collect();
        return Ok((given, amount.checked_sub(wanted)?));
    }
    let mut parts = lacking
        .iter()
        .map(|share| Part::of(share, amount.amount_minor(), wanted.amount_minor()))
        .collect::<Result<Vec<_>, _>>()?;
    let floors = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.minor));
    let mut left = amount
        .amount_minor()
        .checked_sub(floors.ok_or(money::Error::Overflow)?)
        .ok_or(money::Error::Negative)?;
    parts.sort_by_key(|part| (std::cmp::Reverse(part.remainder), part.share.order_id));
    for part in &mut parts {
        if left > 0 {
            left = left.saturating_sub(1);
            part.minor = part.minor.saturating_add(1);
        }
    }
    parts.sort_by_key(|part| part.position(lacking));
    let given = parts
        .into_iter()
        .filter(|part| part.minor > 0)
        .map(|part| Ok(Share { amount: Money::from_minor(part.minor, currency)?, ..part.share }));
    Ok((given.collect::<Result<_, money::Error>>()?, Money::zero(currency)))
}

struct Part {
    share: Share,
    minor: u64,
    remainder: u128,
}

impl Part {
    /// `amount` × lacking ÷ `wanted`: both factors are below 2⁵³, so the product fits.
    fn of(share: &Share, amount: u64, wanted: u64) -> Result<Self, money::Error> {
        let lacking = share.amount.amount_minor();
        let product =
            u128::from(amount).checked_mul(lacking.into()).ok_or(money::Error::Overflow)?;
        let whole = product.checked_div(wanted.into()).ok_or(money::Error::Overflow)?;
        let remainder = product.checked_rem(wanted.into()).ok_or(money::Error::Overflow)?;
        let minor = u64::try_from(whole).map_err(|_| money::Error::Overflow)?;
        Ok(Self { share: *share, minor, remainder })
    }

    /// Shares are given in the order in which they were asked for.
    fn position(&self, lacking: &[Share]) -> Option<usize> {
        let same = |order_id: OrderId| order_id == self.share.order_id;
        lacking.iter().position(|share| same(share.order_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::testing::share;
    use crate::money::Currency;
    use crate::order::testing::won;

    fn split(amount: u64, lacking: &[(u128, u64)]) -> (Vec<(u128, u64)>, u64) {
        let lacking: Vec<_> = lacking.iter().map(|(n, minor)| share(*n, *minor)).collect();
        let (given, rest) = split_by_largest_remainder(won(amount), &lacking).unwrap();
        let plain =
            |share: Share| (share.order_id.as_uuid().as_u128(), share.amount.amount_minor());
        (given.into_iter().map(plain).collect(), rest.amount_minor())
    }

    #[test]
    fn gives_each_what_it_lacks_and_says_what_is_left() {
        assert_eq!(split(120, &[(1, 70), (2, 0), (3, 30)]), (vec![(1, 70), (3, 30)], 20));
        assert_eq!(split(5, &[]), (vec![], 5));
        assert_eq!(split(0, &[(1, 70)]), (vec![], 0));
    }

    #[test]
    fn the_largest_remainder_gets_the_odd_unit() {
        // 10 × 70 ÷ 95 = 7.37, 10 × 25 ÷ 95 = 2.63
        assert_eq!(split(10, &[(1, 70), (2, 25)]), (vec![(1, 7), (2, 3)], 0));
    }

    #[test]
    fn among_equals_the_lowest_order_id_comes_first() {
        assert_eq!(split(100, &[(3, 50), (2, 50), (1, 50)]), (vec![(3, 33), (2, 33), (1, 34)], 0));
        assert_eq!(split(1, &[(2, 50), (1, 50)]), (vec![(1, 1)], 0));
    }

    #[test]
    fn never_mixes_currencies() {
        let reais = Money::zero(Currency::Brl);
        let split = split_by_largest_remainder(reais, &[share(1, 1)]);
        assert_eq!(split, Err(money::Error::CurrencyMismatch));
    }
}

//! What an order costs, from what its listings offer.

use crate::ids::{ListingId, OptionId};
use crate::money::{self, Money, SignedMoney};
use crate::quantity::Quantity;
use crate::text::Title;
use events_schema::envelope::Version;

use super::{Line, Rejection};

/// So many pieces of what a listing offered when the buyer saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub listing_id: ListingId,
    pub option_id: Option<OptionId>,
    /// The version of the listing's stream that the buyer saw.
    pub listing_version: Version,
    pub title: Title,
    pub price: Money,
    /// The option's difference to the price, where there are options.
    pub price_difference: Option<SignedMoney>,
    pub shipping: Money,
    pub quantity: Quantity,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub lines: Vec<Line>,
    pub items: Money,
    pub shipping: Money,
    /// `items` + `shipping`.
    pub total: Money,
}

/// Prices one seller's part of a purchase. Shipping is paid once an order: the highest among its
/// listings.
///
/// # Errors
/// [`Rejection::NoLines`], [`Rejection::MixedCurrencies`], [`Rejection::PriceBelowZero`],
/// [`Rejection::AmountTooLarge`].
pub fn price(offers: &[Offer]) -> Result<Priced, Rejection> {
    let currency = offers.first().ok_or(Rejection::NoLines)?.price.currency();
    let mut items = Money::zero(currency);
    let mut shipping = Money::zero(currency);
    let mut lines = Vec::with_capacity(offers.len());
    for offer in offers {
        let unit_price = unit_price(offer)?;
        items = items.checked_add(unit_price.checked_mul(offer.quantity.get())?)?;
        if offer.shipping.currency() != currency {
            return Err(Rejection::MixedCurrencies);
        }
        if offer.shipping.amount_minor() > shipping.amount_minor() {
            shipping = offer.shipping;
        }
        lines.push(Line {
            listing_id: offer.listing_id,
            option_id: offer.option_id,
            listing_version: offer.listing_version,
            title: offer.title.clone(),
            quantity: offer.quantity,
            unit_price,
        });
    }
    Ok(Priced { lines, items, shipping, total: items.checked_add(shipping)? })
}

fn unit_price(offer: &Offer) -> Result<Money, money::Error> {
    let Some(difference) = offer.price_difference else {
        return Ok(offer.price);
    };
    let sum = SignedMoney::from(offer.price).checked_add(difference)?;
    let amount_minor = u64::try_from(sum.amount_minor).map_err(|_| money::Error::Negative)?;
    Money::from_minor(amount_minor, sum.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::order::testing::{an_offer, won};

    fn difference(amount_minor: i64) -> Option<SignedMoney> {
        Some(SignedMoney { amount_minor, currency: Currency::Krw })
    }

    #[test]
    fn adds_the_options_difference_and_takes_the_highest_shipping_once() {
        let offers = [
            Offer { price_difference: difference(-1_000), shipping: won(3_000), ..an_offer(1, 3) },
            Offer { price_difference: difference(500), shipping: won(5_000), ..an_offer(2, 1) },
            Offer { shipping: won(2_500), ..an_offer(3, 1) },
        ];
        let priced = price(&offers).unwrap();
        let unit_prices: Vec<_> = priced.lines.iter().map(|line| line.unit_price).collect();
        assert_eq!(unit_prices, [won(9_000), won(10_500), won(10_000)]);
        assert_eq!(priced.items, won(47_500));
        assert_eq!(priced.shipping, won(5_000));
        assert_eq!(priced.total, won(52_500));
    }

    #[test]
    fn refuses_what_has_no_price() {
        let of = |offer: Offer| price(&[an_offer(1, 1), offer]).unwrap_err();
        assert_eq!(price(&[]), Err(Rejection::NoLines));
        let below = Offer { price_difference: difference(-10_001), ..an_offer(2, 1) };
        assert_eq!(of(below), Rejection::PriceBelowZero);
        let reais = Money::zero(Currency::Brl);
        assert_eq!(of(Offer { shipping: reais, ..an_offer(2, 1) }), Rejection::MixedCurrencies);
        assert_eq!(of(Offer { price: reais, ..an_offer(2, 1) }), Rejection::MixedCurrencies);
        let most = won(money::AMOUNT_MINOR_MAX);
        assert_eq!(of(Offer { price: most, ..an_offer(2, 2) }), Rejection::AmountTooLarge);
    }
}

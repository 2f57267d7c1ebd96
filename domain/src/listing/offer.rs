//! What is offered: all that placing an order reads.

use events_schema::listing::{Details, Drafted, ListingOption, Observed};

use super::Rejection;
use crate::ids::{ListingId, OptionId, SellerId};
use crate::money::{Money, SignedMoney};
use crate::text::Title;
use crate::trade::SellerKind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub seller_kind: SellerKind,
    pub price: Money,
    pub details: Details,
}

impl Offer {
    #[must_use]
    pub const fn title(&self) -> &Title {
        &self.details.title
    }

    /// What the buyer pays for shipping, once an order.
    #[must_use]
    pub const fn shipping(&self) -> Money {
        self.details.shipping
    }

    /// What one piece costs. Where there are options, one must be named.
    ///
    /// # Errors
    /// [`Rejection::OptionNotFound`], [`Rejection::OptionRequired`]; the price's own only for what
    /// was observed, not drafted.
    pub fn unit_price(&self, option_id: Option<OptionId>) -> Result<Money, Rejection> {
        match self.option(option_id)? {
            None => Ok(self.price),
            Some(option) => with_difference(self.price, option.price_difference),
        }
    }

    pub(super) fn option(
        &self,
        option_id: Option<OptionId>,
    ) -> Result<Option<&ListingOption>, Rejection> {
        let options = &self.details.options;
        match option_id {
            None if options.is_empty() => Ok(None),
            None => Err(Rejection::OptionRequired),
            Some(wanted) => options
                .iter()
                .find(|option| option.option_id == wanted)
                .map(Some)
                .ok_or(Rejection::OptionNotFound),
        }
    }
}

pub(super) fn with_difference(price: Money, difference: SignedMoney) -> Result<Money, Rejection> {
    if price.currency() != difference.currency {
        return Err(Rejection::CurrencyMismatch);
    }
    if difference.amount_minor < 0 && difference.amount_minor.unsigned_abs() > price.amount_minor()
    {
        return Err(Rejection::PriceBelowZero);
    }
    price
        .amount_minor()
        .checked_add_signed(difference.amount_minor)
        .and_then(|minor| Money::from_minor(minor, price.currency()).ok())
        .ok_or(Rejection::PriceTooHigh)
}

impl From<&Drafted> for Offer {
    fn from(drafted: &Drafted) -> Self {
        Self {
            listing_id: drafted.listing_id,
            seller_id: drafted.seller_id,
            seller_kind: drafted.seller_kind,
            price: drafted.price,
            details: drafted.details.clone(),
        }
    }
}

impl From<&Observed> for Offer {
    fn from(observed: &Observed) -> Self {
        Self {
            listing_id: observed.listing_id,
            seller_id: observed.seller_id,
            seller_kind: observed.seller_kind,
            price: observed.price,
            details: observed.details.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Listing;
    use crate::listing::testing::{
        NOTHING, a_draft, a_rejected, a_submitted, a_suspended, a_withdrawn, details, drafted,
        on_sale, option, owner, stranger, won,
    };
    use crate::money::Currency;
    use crate::seller::By;
    use crate::testing::{given, id};

    fn with_options(options: Vec<ListingOption>) -> Listing {
        given::<Listing>([drafted(Details { options, ..details("자전거") })]).0
    }

    #[test]
    fn is_made_only_on_sale() {
        let offer = |history| given::<Listing>(history).0.offer().cloned();
        let shown = offer(on_sale()).unwrap();
        assert_eq!((shown.price, shown.shipping()), (won(10_000), won(3_000)));
        assert_eq!(shown.title().as_str(), "자전거");
        for history in [NOTHING.to_vec(), a_draft(), a_submitted(), a_rejected()] {
            assert_eq!(offer(history), Err(Rejection::NotFound));
        }
        assert_eq!(offer(a_suspended()), Err(Rejection::NotOnSale));
        assert_eq!(offer(a_withdrawn()), Err(Rejection::Withdrawn));
    }

    #[test]
    fn prices_one_piece_of_the_named_option() {
        let listing = with_options(vec![option(1, -500), option(2, 700)]);
        let offer = listing.contents().unwrap();
        assert_eq!(offer.unit_price(Some(id(1, OptionId::new))), Ok(won(9_500)));
        assert_eq!(offer.unit_price(Some(id(2, OptionId::new))), Ok(won(10_700)));
        let unknown = offer.unit_price(Some(id(3, OptionId::new)));
        assert_eq!(unknown, Err(Rejection::OptionNotFound));
        assert_eq!(offer.unit_price(None), Err(Rejection::OptionRequired));
    }

    #[test]
    fn has_one_price_without_options() {
        let listing = given::<Listing>(a_draft()).0;
        let offer = listing.contents().unwrap();
        assert_eq!(offer.unit_price(None), Ok(won(10_000)));
        let unknown = offer.unit_price(Some(id(1, OptionId::new)));
        assert_eq!(unknown, Err(Rejection::OptionNotFound));
    }

    #[test]
    fn a_difference_never_wraps_nor_mixes_currencies() {
        let difference = |amount_minor, currency| SignedMoney { amount_minor, currency };
        let priced = |difference| with_difference(won(10), difference);
        assert_eq!(priced(difference(-10, Currency::Krw)), Ok(won(0)));
        assert_eq!(priced(difference(-11, Currency::Krw)), Err(Rejection::PriceBelowZero));
        assert_eq!(priced(difference(i64::MIN, Currency::Krw)), Err(Rejection::PriceBelowZero));
        assert_eq!(priced(difference(i64::MAX, Currency::Krw)), Err(Rejection::PriceTooHigh));
        assert_eq!(priced(difference(1, Currency::Jpy)), Err(Rejection::CurrencyMismatch));
    }

    #[test]
    fn stock_is_counted_by_the_owner_and_per_known_option() {
        let listing = with_options(vec![option(1, 0)]);
        let known = Some(id(1, OptionId::new));
        assert_eq!(listing.stocks(owner(), known), Ok(()));
        assert_eq!(listing.stocks(By::Staff, known), Ok(()));
        assert_eq!(listing.stocks(stranger(), None), Err(Rejection::NotFound));
        assert_eq!(listing.stocks(owner(), None), Err(Rejection::OptionRequired));
        let unknown = listing.stocks(owner(), Some(id(2, OptionId::new)));
        assert_eq!(unknown, Err(Rejection::OptionNotFound));
        let gone = given::<Listing>(a_withdrawn()).0;
        assert_eq!(gone.stocks(stranger(), None), Err(Rejection::NotFound));
        assert_eq!(gone.stocks(owner(), None), Err(Rejection::Withdrawn));
        assert_eq!(Listing::Absent.stocks(By::Staff, None), Err(Rejection::NotFound));
    }
}

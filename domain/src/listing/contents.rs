//! What a listing may say, whoever says it: shared by draft, edit and change of price.

use std::collections::BTreeSet;

use events_schema::listing::{Details, IMAGES_MAX, OPTIONS_MAX, REGION_LEVELS_MAX, TAGS_MAX};
use events_schema::policy::Limits;

use super::Rejection;
use super::offer::with_difference;
use crate::category::{Category, Node};
use crate::money::Money;

/// Whether the given details, whose ancestors are not filled in yet, say what stands there already.
pub(super) fn same(known: &Details, given: &Details) -> bool {
    let category_ancestors = known.category_ancestors.clone();
    *known == Details { category_ancestors, ..given.clone() }
}

/// The details with the category's ancestors filled in. What already stood in a category stays in
/// it, retired or not.
pub(super) fn placed(
    mut details: Details,
    category: Category,
    before: Option<&Details>,
) -> Result<Details, Rejection> {
    let kept = before.filter(|before| before.category_id == details.category_id);
    details.category_ancestors = match (details.category_id, kept) {
        (None, _) => vec![],
        (Some(_), Some(before)) => before.category_ancestors.clone(),
        (Some(wanted), None) => match category {
            Category::Active(Node { category_id, ancestors, .. }) if category_id == wanted => {
                ancestors
            }
            Category::Retired(node) if node.category_id == wanted => {
                return Err(Rejection::CategoryRetired);
            }
            Category::Absent | Category::Active(_) | Category::Retired(_) => {
                return Err(Rejection::CategoryNotFound);
            }
        },
    };
    Ok(details)
}

/// Counts first, amounts last.
pub(super) fn check(price: Money, details: &Details, limits: &Limits) -> Result<(), Rejection> {
    let Details { images, tags, region, options, shipping, .. } = details;
    let counts = [
        (images.len() > IMAGES_MAX, Rejection::TooManyImages),
        (twice(images), Rejection::ImageTwice),
        (tags.len() > TAGS_MAX, Rejection::TooManyTags),
        (twice(tags), Rejection::TagTwice),
        (region.len() > REGION_LEVELS_MAX, Rejection::TooManyRegionLevels),
        (options.len() > OPTIONS_MAX, Rejection::TooManyOptions),
        (twice(options.iter().map(|option| option.option_id)), Rejection::OptionTwice),
        (twice(options.iter().map(|option| &option.name)), Rejection::OptionTwice),
    ];
    if let Some((_, rejection)) = counts.into_iter().find(|(broken, _)| *broken) {
        return Err(rejection);
    }
    if shipping.currency() != price.currency() {
        return Err(Rejection::CurrencyMismatch);
    }
    let unit_prices = options.iter().map(|option| with_difference(price, option.price_difference));
    for amount in unit_prices.chain([Ok(price), Ok(*shipping)]) {
        if amount?.amount_minor() > limits.price_minor_max {
            return Err(Rejection::PriceTooHigh);
        }
    }
    Ok(())
}

fn twice<T: Ord>(values: impl IntoIterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    values.into_iter().any(|value| !seen.insert(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CategoryId, ImageId};
    use crate::listing::ListingOption;
    use crate::listing::testing::{details, option, won};
    use crate::money::{Currency, SignedMoney};
    use crate::policy::DEFAULT_LIMITS;
    use crate::testing::id;
    use crate::text::{Name, Tag};

    const LIMITS: Limits = Limits { price_minor_max: 20_000, ..DEFAULT_LIMITS };

    fn checked(change: impl FnOnce(&mut Details)) -> Result<(), Rejection> {
        let mut details = details("자전거");
        change(&mut details);
        check(won(10_000), &details, &LIMITS)
    }

    fn images(count: usize) -> Vec<ImageId> {
        (1..).take(count).map(|n| id(n, ImageId::new)).collect()
    }

    fn tags(count: usize) -> Vec<Tag> {
        (1..).take(count).map(|n: u32| Tag::new(&n.to_string()).unwrap()).collect()
    }

    #[test]
    fn counts_up_to_their_limits() {
        let region = |levels| vec![Name::new("마포구").unwrap(); levels];
        let options = |count| (1..).take(count).map(|n| option(n, 0)).collect();
        let full = checked(|details| {
            details.images = images(IMAGES_MAX);
            details.tags = tags(TAGS_MAX);
            details.region = region(REGION_LEVELS_MAX);
            details.options = options(OPTIONS_MAX);
        });
        assert_eq!(full, Ok(()));
        let too_many = checked(|details| details.images = images(IMAGES_MAX + 1));
        assert_eq!(too_many, Err(Rejection::TooManyImages));
        let too_many = checked(|details| details.tags = tags(TAGS_MAX + 1));
        assert_eq!(too_many, Err(Rejection::TooManyTags));
        let too_many = checked(|details| details.region = region(REGION_LEVELS_MAX + 1));
        assert_eq!(too_many, Err(Rejection::TooManyRegionLevels));
        let too_many = checked(|details| details.options = options(OPTIONS_MAX + 1));
        assert_eq!(too_many, Err(Rejection::TooManyOptions));
    }

    #[test]
    fn nothing_stands_twice() {
        let twice = checked(|details| details.images = [images(1), images(1)].concat());
        assert_eq!(twice, Err(Rejection::ImageTwice));
        let twice = checked(|details| details.tags = [tags(1), tags(1)].concat());
        assert_eq!(twice, Err(Rejection::TagTwice));
        let same_id = option(1, 0);
        let same_name = ListingOption { name: same_id.name.clone(), ..option(2, 0) };
        let renamed = ListingOption { name: Name::new("2").unwrap(), ..same_id.clone() };
        for other in [same_name, renamed] {
            let twice = checked(|details| details.options = vec![same_id.clone(), other]);
            assert_eq!(twice, Err(Rejection::OptionTwice));
        }
    }

    #[test]
    fn amounts_are_in_one_currency_and_within_the_limit() {
        let foreign = Money::zero(Currency::Usd);
        let mixed = checked(|details| details.shipping = foreign);
        assert_eq!(mixed, Err(Rejection::CurrencyMismatch));
        let price_difference = SignedMoney::zero(Currency::Usd);
        let odd = ListingOption { price_difference, ..option(1, 0) };
        let mixed = checked(|details| details.options = vec![odd]);
        assert_eq!(mixed, Err(Rejection::CurrencyMismatch));
        for (difference, expected) in [
            (-10_000, Ok(())),
            (-10_001, Err(Rejection::PriceBelowZero)),
            (10_000, Ok(())),
            (10_001, Err(Rejection::PriceTooHigh)),
        ] {
            let result = checked(|details| details.options = vec![option(1, difference)]);
            assert_eq!(result, expected, "{difference}");
        }
        let dear = checked(|details| details.shipping = won(20_001));
        assert_eq!(dear, Err(Rejection::PriceTooHigh));
        let dear = check(won(20_001), &details("자전거"), &LIMITS);
        assert_eq!(dear, Err(Rejection::PriceTooHigh));
        assert_eq!(check(won(0), &details("나눔"), &LIMITS), Ok(()));
    }

    #[test]
    fn counts_come_before_amounts() {
        let both = checked(|details| {
            details.images = images(IMAGES_MAX + 1);
            details.shipping = won(20_001);
        });
        assert_eq!(both, Err(Rejection::TooManyImages));
    }

    fn node(n: u128) -> Node {
        let category_id = id(n, CategoryId::new);
        let ancestors = vec![id(90, CategoryId::new)];
        Node { category_id, name: Name::new("분류").unwrap(), ancestors }
    }

    fn in_category(n: u128) -> Details {
        Details { category_id: Some(id(n, CategoryId::new)), ..details("자전거") }
    }

    #[test]
    fn the_category_gives_the_ancestors() {
        let known = placed(in_category(1), Category::Active(node(1)), None).unwrap();
        assert_eq!(known.category_ancestors, node(1).ancestors);
        let claimed = Details { category_ancestors: vec![id(7, CategoryId::new)], ..known };
        let none = Details { category_id: None, ..claimed };
        assert_eq!(placed(none, Category::Absent, None), Ok(details("자전거")));
    }

    #[test]
    fn a_category_that_takes_no_listings_is_refused() {
        let retired = placed(in_category(1), Category::Retired(node(1)), None);
        assert_eq!(retired, Err(Rejection::CategoryRetired));
        let others = [Category::Absent, Category::Active(node(2)), Category::Retired(node(2))];
        for category in others {
            let unknown = placed(in_category(1), category, None);
            assert_eq!(unknown, Err(Rejection::CategoryNotFound));
        }
    }

    #[test]
    fn what_stands_in_a_retired_category_stays() {
        let before = placed(in_category(1), Category::Active(node(1)), None).unwrap();
        let after = placed(in_category(1), Category::Retired(node(1)), Some(&before));
        assert_eq!(after, Ok(before));
    }
}

//! What a listing says, as its seller sends it.

use domain::category::Category;
use domain::policy::{DEFAULT_LIMITS, Limits, Policy, PolicyKind};
use events_schema::ids::{CategoryId, ImageId, OptionId};
use events_schema::listing::{Condition, Details, ListingOption};
use events_schema::money::{Money, SignedMoney};
use events_schema::point::Point;
use events_schema::text::{Description, Name, Tag, Title};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::execute::UnitOfWork;
use crate::problem::CommandError;

/// All but the price.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailsRequest {
    pub title: Title,
    #[serde(default)]
    pub description: Option<Description>,
    #[serde(default)]
    pub category_id: Option<CategoryId>,
    pub condition: Condition,
    #[serde(default)]
    pub brand: Option<Name>,
    /// From the largest part down: 서울특별시, 마포구.
    #[serde(default)]
    pub region: Vec<Name>,
    /// Where the goods change hands, if buyer and seller meet. Kept to 0.01°, about a kilometre.
    #[serde(default)]
    pub meeting_point: Option<Point>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default)]
    pub images: Vec<ImageId>,
    #[serde(default)]
    pub options: Vec<OptionRequest>,
    /// What the buyer pays for shipping, once an order.
    pub shipping: Money,
}

/// One choice with its own stock.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionRequest {
    /// Left out for a new one.
    #[serde(default)]
    pub option_id: Option<OptionId>,
    pub name: Name,
    /// Added to the price; may be negative.
    pub price_difference: SignedMoney,
}

impl DetailsRequest {
    pub(super) fn into_details(self, work: &mut UnitOfWork<'_>) -> Details {
        let option = |option: OptionRequest| ListingOption {
            option_id: option.option_id.unwrap_or_else(|| work.id(OptionId::new)),
            name: option.name,
            price_difference: option.price_difference,
        };
        Details {
            title: self.title,
            description: self.description,
            category_id: self.category_id,
            category_ancestors: Vec::new(),
            condition: self.condition,
            brand: self.brand,
            region: self.region,
            meeting_point: self.meeting_point,
            tags: self.tags,
            images: self.images,
            options: self.options.into_iter().map(option).collect(),
            shipping: self.shipping,
        }
    }
}

/// The category that the details name; absent where they name none.
pub(super) async fn category(
    work: &mut UnitOfWork<'_>,
    category_id: Option<CategoryId>,
) -> Result<Category, CommandError> {
    match category_id {
        None => Ok(Category::Absent),
        Some(category_id) => Ok(work.read::<Category>(category_id).await?.clone()),
    }
}

/// The limits that hold now.
pub(crate) async fn limits(work: &mut UnitOfWork<'_>) -> Result<Limits, CommandError> {
    let policy = work.policy::<Policy>(PolicyKind::Limits).await?;
    Ok(policy.limits_at(work.now()).map_or(DEFAULT_LIMITS, |(_, limits)| limits))
}

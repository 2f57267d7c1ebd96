//! What can happen to a listing: what is offered, at which price, and whether it may be seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{CategoryId, ImageId, ListingId, OptionId, SellerId};
use crate::money::{Money, SignedMoney};
use crate::point::Point;
use crate::registry::events;
use crate::text::{Description, Name, Reason, Tag, Title};
use crate::trade::{SellerKind, Source};

events! {
    Drafted(Drafted) = "listing.drafted" v 1,
    /// Everything but the price, as it stands after the edit.
    Edited(Edited) = "listing.edited" v 1,
    PriceChanged(PriceChanged) = "listing.price_changed" v 1,
    /// Waits for approval.
    Submitted(Submitted) = "listing.submitted" v 1,
    /// Goes on sale.
    Approved(Approved) = "listing.approved" v 1,
    /// May be edited and submitted again.
    Rejected(Rejected) = "listing.rejected" v 1,
    Suspended(Suspended) = "listing.suspended" v 1,
    /// Back on sale.
    Resumed(Resumed) = "listing.resumed" v 1,
    /// Gone for good.
    Withdrawn(Withdrawn) = "listing.withdrawn" v 1,
    /// Seen on sale in another system.
    Observed(Observed) = "listing.observed" v 1,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    New,
    LikeNew,
    Good,
    Fair,
    ForParts,
    /// Another system did not say.
    Unknown,
}

impl Condition {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::LikeNew => "like_new",
            Self::Good => "good",
            Self::Fair => "fair",
            Self::ForParts => "for_parts",
            Self::Unknown => "unknown",
        }
    }
}

/// One choice with its own stock and its own difference to the listing's price.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListingOption {
    pub option_id: OptionId,
    pub name: Name,
    /// Added to the price; may be negative, but never takes it below zero.
    pub price_difference: SignedMoney,
}

/// What a listing says. A region is written from the largest part down: 서울특별시, 마포구.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    pub title: Title,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category_ancestors: Vec<CategoryId>,
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<Name>,
    /// Where the goods change hands, if buyer and seller meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting_point: Option<Point>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ListingOption>,
    /// What the buyer pays for shipping, once an order.
    pub shipping: Money,
}

/// The most images of one listing (B1).
pub const IMAGES_MAX: usize = 10;
pub const OPTIONS_MAX: usize = 100;
pub const TAGS_MAX: usize = 20;
pub const REGION_LEVELS_MAX: usize = 4;

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Drafted {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub seller_kind: SellerKind,
    pub price: Money,
    pub details: Details,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub details: Details,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PriceChanged {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub old_price: Money,
    pub new_price: Money,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Submitted {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub reason: Reason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Suspended {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub reason: Reason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Resumed {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub seller_kind: SellerKind,
    pub price: Money,
    pub details: Details,
    pub source: Source,
}

impl Event {
    #[must_use]
    pub const fn listing_id(&self) -> ListingId {
        match self {
            Self::Drafted(event) => event.listing_id,
            Self::Edited(event) => event.listing_id,
            Self::PriceChanged(event) => event.listing_id,
            Self::Submitted(event) => event.listing_id,
            Self::Approved(event) => event.listing_id,
            Self::Rejected(event) => event.listing_id,
            Self::Suspended(event) => event.listing_id,
            Self::Resumed(event) => event.listing_id,
            Self::Withdrawn(event) => event.listing_id,
            Self::Observed(event) => event.listing_id,
        }
    }
}

//! What can happen to a review: one side's opinion of one trade.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::anomaly::Anomaly;
use crate::ids::{CheckoutId, OrderId, PersonId, ReviewId, SellerId};
use crate::personal::{Comment, Personal};
use crate::registry::events;
use crate::text::Reason;
use crate::trade::Source;

events! {
    Written(Written) = "review.written" v 1,
    /// Somebody asks for it to be looked at.
    Reported(Reported) = "review.reported" v 1,
    AnomalyFound(AnomalyFound) = "review.anomaly_found" v 1,
}

/// What is reviewed. An observed review may speak of a checkout whose order is not known, or of one
/// with several sellers: then it names neither order nor seller.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub checkout_id: CheckoutId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_id: Option<SellerId>,
    pub buyer_id: PersonId,
}

/// Who speaks.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Buyer,
    Seller,
}

/// 1 (worst) to 5 (best).
#[derive(Clone, Copy, Debug, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rating(#[schemars(range(min = 1, max = 5))] u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rating is 1 to 5")]
pub struct NotARating;

impl Rating {
    /// # Errors
    /// [`NotARating`] outside 1 to 5.
    pub const fn new(stars: u8) -> Result<Self, NotARating> {
        if stars >= 1 && stars <= 5 { Ok(Self(stars)) } else { Err(NotARating) }
    }

    #[must_use]
    pub const fn stars(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Rating {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u8::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    pub review_id: ReviewId,
    pub subject: Subject,
    pub side: Side,
    pub rating: Rating,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Personal<Comment>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    pub review_id: ReviewId,
    pub subject: Subject,
    pub reporter_id: PersonId,
    pub reason: Reason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnomalyFound {
    pub review_id: ReviewId,
    pub subject: Subject,
    pub anomaly: Anomaly,
}

impl Event {
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        match self {
            Self::Written(event) => &event.subject,
            Self::Reported(event) => &event.subject,
            Self::AnomalyFound(event) => &event.subject,
        }
    }

    #[must_use]
    pub const fn review_id(&self) -> ReviewId {
        match self {
            Self::Written(event) => event.review_id,
            Self::Reported(event) => event.review_id,
            Self::AnomalyFound(event) => event.review_id,
        }
    }
}

//! What can happen to a like: that one person likes one listing (찜).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{LikeId, ListingId, PersonId, SellerId};
use crate::registry::events;

events! {
    Given(Given) = "like.given" v 1,
    TakenBack(TakenBack) = "like.taken_back" v 1,
}

/// Who likes what, and whose it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub listing_id: ListingId,
    pub seller_id: SellerId,
    pub person_id: PersonId,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub like_id: LikeId,
    pub subject: Subject,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TakenBack {
    pub like_id: LikeId,
    pub subject: Subject,
}

impl Event {
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        match self {
            Self::Given(event) => &event.subject,
            Self::TakenBack(event) => &event.subject,
        }
    }

    #[must_use]
    pub const fn like_id(&self) -> LikeId {
        match self {
            Self::Given(event) => event.like_id,
            Self::TakenBack(event) => event.like_id,
        }
    }
}

//! What can happen to a seller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, SellerId};
use crate::personal::{Contact, Personal};
use crate::registry::events;
use crate::text::{Code, Name, Reason};
use crate::trade::{SellerKind, Source};

events! {
    Registered(Registered) = "seller.registered" v 1,
    /// May not sell until reinstated.
    Suspended(Suspended) = "seller.suspended" v 1,
    Reinstated(Reinstated) = "seller.reinstated" v 1,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    pub seller_id: SellerId,
    pub owner_id: PersonId,
    pub seller_kind: SellerKind,
    /// The public name.
    pub name: Name,
    /// Of a business: its mail-order registration (전자상거래법 §12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Personal<Contact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Suspended {
    pub seller_id: SellerId,
    pub reason: Reason,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reinstated {
    pub seller_id: SellerId,
}

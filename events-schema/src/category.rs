//! What can happen to a category. The tree has at most three levels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::CategoryId;
use crate::registry::events;
use crate::text::Name;

events! {
    Created(Created) = "category.created" v 1,
    Renamed(Renamed) = "category.renamed" v 1,
    /// Takes no new listings and no new children.
    Retired(Retired) = "category.retired" v 1,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Created {
    pub category_id: CategoryId,
    pub name: Name,
    /// From the root down, without this one: none, one or two.
    pub ancestors: Vec<CategoryId>,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    pub category_id: CategoryId,
    pub name: Name,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    pub category_id: CategoryId,
}

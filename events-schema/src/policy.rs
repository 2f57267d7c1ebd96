//! Policies: fees and limits as data, with a date from which they hold.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::Malformed;
use crate::registry::events;
use crate::time::Timestamp;

events! {
    /// The stream's version of this event is the policy's version, which decisions record.
    Recorded(Recorded) = "policy.recorded" v 1,
}

/// One stream each.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    Fees,
    Limits,
}

impl PolicyKind {
    pub const ALL: [Self; 2] = [Self::Fees, Self::Limits];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fees => "fees",
            Self::Limits => "limits",
        }
    }
}

impl FromStr for PolicyKind {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Malformed("policy kind"))
    }
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Holds from then until the next one does.
    pub effective_from: Timestamp,
    pub terms: Terms,
}

#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Terms {
    Fees(Fees),
    Limits(Limits),
}

impl Terms {
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Fees(_) => PolicyKind::Fees,
            Self::Limits(_) => PolicyKind::Limits,
        }
    }
}

/// What the marketplace keeps of the items' price, by who sells.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
// The schema does not say so: the tag of `Terms` stands in the same object.
#[serde(deny_unknown_fields)]
#[schemars(!deny_unknown_fields)]
pub struct Fees {
    pub individual: FeeTerms,
    pub business: FeeTerms,
}

/// Rates in hundredths of a per cent (basis points), 0 … 10,000.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FeeTerms {
    pub rate_bp: u32,
    /// VAT on the fee (부가가치세법: 10 %).
    pub vat_rate_bp: u32,
    pub rounding: Rounding,
}

/// How a fraction of a minor unit ends.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Dropped, in favour of whoever pays (원 미만 절사).
    Down,
    /// From one half on a whole one.
    HalfUp,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(!deny_unknown_fields)]
pub struct Limits {
    /// Of one piece, in minor units, whatever the currency.
    pub price_minor_max: u64,
    /// How long an order waits to be paid, in seconds (D5: 30 minutes).
    pub pay_within_s: u32,
    /// Pieces of one line of an order.
    pub line_quantity_max: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_hold_nothing_that_nobody_reads() {
        let limits =
            r#"{"kind":"limits","price_minor_max":1,"pay_within_s":2,"line_quantity_max":3"#;
        assert!(serde_json::from_str::<Terms>(&format!("{limits}}}")).is_ok());
        assert!(serde_json::from_str::<Terms>(&format!("{limits},\"more\":4}}")).is_err());
        let fee = r#"{"rate_bp":1,"vat_rate_bp":2,"rounding":"down"}"#;
        let fees = format!(r#"{{"kind":"fees","individual":{fee},"business":{fee}"#);
        assert!(serde_json::from_str::<Terms>(&format!("{fees}}}")).is_ok());
        assert!(serde_json::from_str::<Terms>(&format!("{fees},\"more\":4}}")).is_err());
    }
}

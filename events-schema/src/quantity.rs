//! How many of a thing.

use std::fmt;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// The most of one thing that one command can name.
pub const QUANTITY_MAX: u32 = 1_000_000;

/// A number of pieces, 1 … [`QUANTITY_MAX`]. Never zero: nothing is said by leaving the line out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Quantity(NonZeroU32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quantity is 1 to {QUANTITY_MAX}")]
pub struct Error;

impl Quantity {
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// # Errors
    /// [`Error`] for 0 and above [`QUANTITY_MAX`].
    pub const fn new(pieces: u32) -> Result<Self, Error> {
        match NonZeroU32::new(pieces) {
            Some(pieces) if pieces.get() <= QUANTITY_MAX => Ok(Self(pieces)),
            Some(_) | None => Err(Error),
        }
    }

    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u32::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": QUANTITY_MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_never_zero_and_never_absurd() {
        assert_eq!(Quantity::new(0), Err(Error));
        assert_eq!(Quantity::new(QUANTITY_MAX + 1), Err(Error));
        assert!(serde_json::from_str::<Quantity>("0").is_err());
        assert_eq!(Quantity::new(3).map(Quantity::get), Ok(3));
    }
}

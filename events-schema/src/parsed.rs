//! Values that are written as text, read without a copy of it.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads a string and parses it where it lies.
pub(crate) fn from_text<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    deserializer: D,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Text(parse))
}

struct Text<F>(F);

impl<T, E: fmt::Display, F: Fn(&str) -> Result<T, E>> Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E2: Error>(self, text: &str) -> Result<T, E2> {
        (self.0)(text).map_err(E2::custom)
    }
}

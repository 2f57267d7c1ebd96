//! Text that people typed, checked once: what exists as one of these types can be shown and stored.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use crate::parsed::from_text;

/// One character as people count may carry this many bytes of marks before it is a nuisance.
const GRAPHEME_BYTES_MAX: usize = 32;

/// One line of 1 … `MAX` graphemes (characters as people count them), in NFC, without control and
/// direction-changing characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// Like [`Line`], but line breaks and tabs may stand in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("text is empty")]
    Empty,
    #[error("text is longer than {max} characters")]
    TooLong { max: usize },
    #[error("text holds a control or direction-changing character (U+{0:04X})")]
    Forbidden(u32),
}

/// Control characters, and those that change the direction of what follows (Unicode TR 36 §2.9.1).
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
                | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
}

fn check(text: &str, max: usize, allowed: &[char]) -> Result<String, Error> {
    let text = text.trim();
    let text = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    };
    let forbidden = |character: &char| is_forbidden(*character) && !allowed.contains(character);
    if let Some(character) = text.chars().find(forbidden) {
        return Err(Error::Forbidden(character.into()));
    }
    if text.is_empty() {
        return Err(Error::Empty);
    }
    let too_many_bytes = text.len() > max.saturating_mul(GRAPHEME_BYTES_MAX);
    // No grapheme is less than a character: counting those is enough for most, and far cheaper.
    let may_be_long = || text.chars().nth(max).is_some();
    if too_many_bytes || may_be_long() && text.graphemes(true).nth(max).is_some() {
        return Err(Error::TooLong { max });
    }
    Ok(text)
}

macro_rules! texts {
    ($($name:ident, $allowed:expr;)*) => {$(
        impl<const MAX: usize> $name<MAX> {
            /// Trims, normalises to NFC and checks.
            ///
            /// # Errors
            /// [`Error`] says what is wrong with the text.
            pub fn new(text: &str) -> Result<Self, Error> {
                check(text, MAX, $allowed).map(Self)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> fmt::Debug for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer, Self::new)
            }
        }

        impl<const MAX: usize> JsonSchema for $name<MAX> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                format!("{}{MAX}", stringify!($name)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxGraphemes": MAX })
            }
        }
    )*};
}

texts! {
    Line, &[];
    Prose, &['\n', '\t'];
}

/// The title of a listing.
pub type Title = Line<100>;
/// The name of a seller, a category, an option, a brand, a place, a carrier.
pub type Name = Line<60>;
/// A word that buyers may look for.
pub type Tag = Line<30>;
/// A code that another system gave: an order number, a tracking number, a gateway's reference.
pub type Code = Line<120>;
/// The description of a listing.
pub type Description = Prose<5_000>;
/// Why somebody did something, in words for the other side. Never personal data.
pub type Reason = Prose<500>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_as_people_do() {
        assert!(Line::<2>::new("👨‍👩‍👧‍👦각").is_ok());
        assert_eq!(Line::<2>::new("가나다"), Err(Error::TooLong { max: 2 }));
        assert_eq!(
            Line::<2>::new(&format!("a{}", "\u{301}".repeat(99))).unwrap_err(),
            Error::TooLong { max: 2 }
        );
    }

    #[test]
    fn is_stored_in_one_form() {
        // 한 as three jamo becomes the one syllable.
        let line = Line::<5>::new(" \u{1112}\u{1161}\u{11AB} ").unwrap();
        assert_eq!(line.as_str(), "한");
    }

    #[test]
    fn refuses_what_would_fool_a_reader_or_a_database() {
        for (text, code) in
            [("a\0b", 0), ("a\u{202E}b", 0x202E), ("a\nb", 0x0A), ("a\u{7f}b", 0x7F)]
        {
            assert_eq!(Line::<9>::new(text), Err(Error::Forbidden(code)));
        }
        assert!(Prose::<9>::new("a\nb").is_ok());
        assert_eq!(Line::<9>::new(" \t "), Err(Error::Empty));
    }
}

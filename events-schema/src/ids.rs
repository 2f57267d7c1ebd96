//! Identifiers: a kind of its own for everything that has one, written as a TypeID.
//!
//! The public form is a prefix that names the kind and the 128 bits in 26 characters of Crockford's
//! base 32: `ord_01h455vb4pex5vsknk084sn02q` (<https://github.com/jetify-com/typeid>, spec 0.3).

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::parsed::from_text;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 26;

/// Why a text is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("an id of this kind starts with {expected}_")]
    OtherKind { expected: &'static str },
    #[error("an id ends in {DIGITS} characters of 0-9 and a-z without i, l, o, u")]
    Malformed,
}

fn encode(prefix: &str, uuid: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bits = uuid.as_u128();
    let mut digits = [0_u8; DIGITS];
    for (index, digit) in digits.iter_mut().rev().enumerate() {
        let five = usize::try_from((bits >> (5 * index)) & 31).map_err(|_| fmt::Error)?;
        *digit = ALPHABET[five];
    }
    let digits = std::str::from_utf8(&digits).map_err(|_| fmt::Error)?;
    write!(f, "{prefix}_{digits}")
}

/// The place of a digit in [`ALPHABET`], which is decoded too often to search it.
const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'h' => Some(digit - b'a' + 10),
        b'j' | b'k' => Some(digit - b'j' + 18),
        b'm' | b'n' => Some(digit - b'm' + 20),
        b'p'..=b't' => Some(digit - b'p' + 22),
        b'v'..=b'z' => Some(digit - b'v' + 27),
        _ => None,
    }
}

fn decode(prefix: &'static str, text: &str) -> Result<Uuid, Error> {
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(Error::OtherKind { expected: prefix })?
        .as_bytes();
    // The first of 26 digits holds only the top three of 128 bits.
    if digits.len() != DIGITS || digits[0] > b'7' {
        return Err(Error::Malformed);
    }
    let mut bits = 0_u128;
    for digit in digits {
        bits = (bits << 5) | u128::from(value(*digit).ok_or(Error::Malformed)?);
    }
    Ok(Uuid::from_u128(bits))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal,)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Uuid);

            impl $name {
                pub const PREFIX: &'static str = $prefix;

                #[must_use]
                pub const fn new(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                #[must_use]
                pub const fn as_uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    encode($prefix, self.0, f)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $name {
                type Err = Error;

                fn from_str(text: &str) -> Result<Self, Error> {
                    decode($prefix, text).map(Self)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    from_text(deserializer, str::parse)
                }
            }

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({
                        "type": "string",
                        "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
                    })
                }
            }
        )*

        /// Every prefix, for checks that no two kinds share one.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// One event in the log.
    EventId = "evt",
    /// One command: the wish that events came from.
    CommandId = "cmd",
    /// A natural person: buyer, owner of a seller, staff.
    PersonId = "per",
    /// Somebody who sells: a private person or a business.
    SellerId = "sel",
    /// A node of the category tree.
    CategoryId = "cat",
    /// One offer of one seller.
    ListingId = "lst",
    /// One choice within a listing (a colour, a size) with its own stock.
    OptionId = "opt",
    /// A picture of a listing.
    ImageId = "img",
    /// What one buyer pays at once: one payment for one or more orders.
    CheckoutId = "chk",
    /// One part of a payment: a card, a voucher, points …
    TenderId = "tnd",
    /// What one buyer orders from one seller.
    OrderId = "ord",
    /// One parcel.
    ShipmentId = "shp",
    /// One side's opinion of one trade.
    ReviewId = "rev",
    /// One person's liking of one listing.
    LikeId = "lik",
    /// One report of the outside world, as its sender numbers it.
    ObservationId = "obs",
    /// What belongs together across streams: a trade (its checkout's bits), or else one command.
    CorrelationId = "cor",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vector() {
        let id: OrderId = "ord_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        assert_eq!(id.as_uuid().to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(id.to_string(), "ord_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn refuses_another_kind_and_broken_digits() {
        let other = "lst_01h455vb4pex5vsknk084sn02q".parse::<OrderId>();
        assert_eq!(other, Err(Error::OtherKind { expected: "ord" }));
        for text in ["ord_", "ord_81h455vb4pex5vsknk084sn02q", "ord_01H455VB4PEX5VSKNK084SN02Q"] {
            assert_eq!(text.parse::<OrderId>(), Err(Error::Malformed), "{text}");
        }
    }

    #[test]
    fn a_digit_is_worth_its_place_in_the_alphabet() {
        for digit in 0..=u8::MAX {
            let place = ALPHABET.iter().position(|known| *known == digit);
            assert_eq!(value(digit).map(usize::from), place, "{digit}");
        }
    }

    #[test]
    fn keeps_the_extremes() {
        for uuid in [Uuid::nil(), Uuid::max()] {
            let id = OrderId::new(uuid);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn no_two_kinds_share_a_prefix() {
        let unique: std::collections::BTreeSet<_> = PREFIXES.iter().collect();
        assert_eq!(unique.len(), PREFIXES.len());
    }
}

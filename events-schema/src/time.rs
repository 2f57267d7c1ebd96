//! Time, as the caller tells it.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::parsed::from_text;

/// An instant: microseconds since the Unix epoch, UTC; as text RFC 3339 with six decimals and `Z`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 9999-12-30, the last day that every reader of RFC 3339 can write in every zone.
const MICROS_MAX: i64 = 253_402_207_200_000_000;
const MICROS_MIN: i64 = -62_135_596_800_000_000;

/// The text is no RFC 3339 instant with a zone, or lies outside the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant with a zone, such as 2026-03-02T10:00:00+09:00")]
pub struct Error;

impl Timestamp {
    pub const EPOCH: Self = Self(0);
    pub const MAX: Self = Self(MICROS_MAX);

    /// Instants outside the years 1 to 9999 are moved to the nearest end.
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Self {
        if micros > MICROS_MAX {
            Self(MICROS_MAX)
        } else if micros < MICROS_MIN {
            Self(MICROS_MIN)
        } else {
            Self(micros)
        }
    }

    #[must_use]
    pub const fn as_unix_micros(self) -> i64 {
        self.0
    }

    /// Later by so many seconds (earlier, when negative), within the years 1 to 9999.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Microseconds from `earlier` to `self`; negative when `earlier` is the later one.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{instant:.6}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| Error)?;
        let micros = instant.as_microsecond();
        if (MICROS_MIN..=MICROS_MAX).contains(&micros) { Ok(Self(micros)) } else { Err(Error) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, str::parse)
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_in_utc_with_six_decimals() {
        let at: Timestamp = "2026-03-02T10:00:00+09:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-03-02T01:00:00.000000Z");
        assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn refuses_a_time_without_a_zone() {
        for text in ["2026-03-02T10:00:00", "2026-03-02", "", "now", "1700000000"] {
            assert_eq!(text.parse::<Timestamp>(), Err(Error), "{text}");
        }
    }

    #[test]
    fn stays_within_what_can_be_written() {
        for at in [Timestamp::MAX.plus_seconds(1), Timestamp::from_unix_micros(i64::MIN)] {
            assert_eq!(at.to_string().parse(), Ok(at));
        }
    }
}

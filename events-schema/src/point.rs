//! Where a trade is made: a place on a grid so coarse that nobody's home is in the history.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

const DEGREE: i32 = 1_000_000;
/// The step of the grid, 0.01°: in Korea some 1.1 km from north to south and 0.9 km from west to east.
pub const GRID_MICRODEGREES: i32 = 10_000;
const LATITUDE_MAX: i32 = 90 * DEGREE;
const LONGITUDE_MAX: i32 = 180 * DEGREE;

/// A place as WGS 84 names it, in millionths of a degree, on a grid of 0.01°, about a kilometre.
///
/// What is finer is rounded to it wherever it is read, so that nobody's home is kept: it is the place
/// of a trade, not of a person (위치정보법). As text `37.55,126.91`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize)]
#[schemars(deny_unknown_fields)]
pub struct Point {
    /// North of the equator, −90° to 90°.
    #[schemars(range(min = -90_000_000, max = 90_000_000))]
    latitude_microdegrees: i32,
    /// East of Greenwich, −180° to 180°.
    #[schemars(range(min = -180_000_000, max = 180_000_000))]
    longitude_microdegrees: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a latitude is -90 to 90 degrees, -90000000 to 90000000 microdegrees")]
    Latitude,
    #[error("a longitude is -180 to 180 degrees, -180000000 to 180000000 microdegrees")]
    Longitude,
    #[error("a point is a latitude and a longitude in degrees, such as 37.55,126.91")]
    Text,
}

impl Point {
    /// The point of the grid that is nearest.
    ///
    /// # Errors
    /// [`Error::Latitude`], [`Error::Longitude`].
    pub fn new(latitude_microdegrees: i32, longitude_microdegrees: i32) -> Result<Self, Error> {
        let within = |value: i32, most: i32| (-most..=most).contains(&value);
        if !within(latitude_microdegrees, LATITUDE_MAX) {
            return Err(Error::Latitude);
        }
        if !within(longitude_microdegrees, LONGITUDE_MAX) {
            return Err(Error::Longitude);
        }
        let coarse = |value: i32| {
            (value + GRID_MICRODEGREES / 2).div_euclid(GRID_MICRODEGREES) * GRID_MICRODEGREES
        };
        Ok(Self {
            latitude_microdegrees: coarse(latitude_microdegrees),
            longitude_microdegrees: coarse(longitude_microdegrees),
        })
    }

    #[must_use]
    pub const fn latitude_microdegrees(self) -> i32 {
        self.latitude_microdegrees
    }

    #[must_use]
    pub const fn longitude_microdegrees(self) -> i32 {
        self.longitude_microdegrees
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fine {
            latitude_microdegrees: i32,
            longitude_microdegrees: i32,
        }
        let Fine { latitude_microdegrees, longitude_microdegrees } =
            Fine::deserialize(deserializer)?;
        Self::new(latitude_microdegrees, longitude_microdegrees).map_err(serde::de::Error::custom)
    }
}

impl FromStr for Point {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (latitude, longitude) = text.split_once(',').ok_or(Error::Text)?;
        let latitude = microdegrees(latitude).ok_or(Error::Text)?;
        Self::new(latitude, microdegrees(longitude).ok_or(Error::Text)?)
    }
}

/// Of degrees in decimal notation. Decimals beyond the sixth are left out.
fn microdegrees(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) {
        return None;
    }
    let millionths: i32 = format!("{decimals:0<6.6}").parse().ok()?;
    let whole: i32 = whole.parse().ok()?;
    whole.checked_mul(DEGREE)?.checked_add(millionths)?.checked_mul(sign)
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let degrees = |microdegrees: i32| {
            let sign = if microdegrees < 0 { "-" } else { "" };
            let hundredths = microdegrees.unsigned_abs() / GRID_MICRODEGREES.unsigned_abs();
            format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
        };
        let [latitude, longitude] =
            [self.latitude_microdegrees, self.longitude_microdegrees].map(degrees);
        write!(f, "{latitude},{longitude}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(i32, i32), Error> {
        let point: Point = text.parse()?;
        Ok((point.latitude_microdegrees(), point.longitude_microdegrees()))
    }

    #[test]
    fn is_moved_to_a_grid_however_it_comes() {
        let door = Point::new(37_556_123, 126_914_999).unwrap();
        assert_eq!(door, Point::new(37_560_000, 126_910_000).unwrap());
        assert_eq!("37.556123,126.914999".parse(), Ok(door));
        let json = r#"{"latitude_microdegrees":37556123,"longitude_microdegrees":126914999}"#;
        assert_eq!(serde_json::from_str::<Point>(json).unwrap(), door);
        assert_eq!(
            serde_json::to_string(&door).unwrap(),
            r#"{"latitude_microdegrees":37560000,"longitude_microdegrees":126910000}"#
        );
        assert_eq!(Point::new(-5_001, -4_999), Point::new(-10_000, 0));
    }

    #[test]
    fn lies_on_the_globe() {
        for (text, expected) in [
            ("90,180", Ok((90_000_000, 180_000_000))),
            ("-90,-180.000000", Ok((-90_000_000, -180_000_000))),
            ("90.000001,0", Err(Error::Latitude)),
            ("-91,0", Err(Error::Latitude)),
            ("0,180.000001", Err(Error::Longitude)),
            ("0,-2000", Err(Error::Longitude)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let beyond = r#"{"latitude_microdegrees":90000001,"longitude_microdegrees":0}"#;
        assert!(serde_json::from_str::<Point>(beyond).is_err());
    }

    #[test]
    fn reads_back_as_it_is_written_and_nothing_else() {
        for text in ["37.55,126.91", "-0.01,-179.99", "0.00,0.00", "-90.00,180.00"] {
            assert_eq!(text.parse::<Point>().unwrap().to_string(), text);
        }
        assert_eq!(read("37.5,126"), Ok((37_500_000, 126_000_000)));
        assert_eq!(read(" -0.0100009 , 1.0"), Ok((-10_000, 1_000_000)));
        for text in [
            "",
            ",",
            "1",
            "1,",
            "1,2,3",
            "1.,2",
            ".5,2",
            "1e1,2",
            "+1,2",
            "--1,2",
            "NaN,0",
            "9999999999,0",
            "１,2",
        ] {
            assert_eq!(read(text), Err(Error::Text), "{text}");
        }
    }
}

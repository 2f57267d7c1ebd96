//! `epoch.position`: how far the log, or a view, has got.

use std::fmt;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};
use events_schema::envelope::{Epoch, Position};

use super::{invalid, text_of};
use crate::problem::Problem;

pub const POSITION: HeaderName = HeaderName::from_static("jangteo-position");
pub const MIN_POSITION: HeaderName = HeaderName::from_static("jangteo-min-position");

/// A position and the epoch in which it was given. As part of an answer it is the header
/// `Jangteo-Position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub epoch: Epoch,
    pub position: Position,
}

/// The text is not `epoch.position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an epoch and a position, such as 1.42")]
pub struct Malformed;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch.0, self.position)
    }
}

/// A number as we write it: no sign, no leading nought.
pub(super) fn number<T: FromStr + ToString>(text: &str) -> Result<T, Malformed> {
    let number: T = text.parse().map_err(|_| Malformed)?;
    if number.to_string() == text { Ok(number) } else { Err(Malformed) }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (epoch, position) = text.split_once('.').ok_or(Malformed)?;
        Ok(Self { epoch: Epoch(number(epoch)?), position: Position(number(position)?) })
    }
}

impl Place {
    /// The header `Jangteo-Position`, for problems; answers take the place itself.
    #[must_use]
    pub fn header(self) -> (HeaderName, HeaderValue) {
        let value = HeaderValue::from_str(&self.to_string());
        (POSITION, value.unwrap_or(HeaderValue::from_static("")))
    }
}

impl IntoResponseParts for Place {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        let (name, value) = self.header();
        parts.headers_mut().insert(name, value);
        Ok(parts)
    }
}

/// `Jangteo-Min-Position`: the answer must have seen at least this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinPosition(pub Option<Place>);

impl<S: Sync> FromRequestParts<S> for MinPosition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = text_of(&parts.headers, &MIN_POSITION)?;
        let place = text.map(str::parse).transpose();
        place.map(Self).map_err(|error: Malformed| invalid(&MIN_POSITION, &error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        let place = Place { epoch: Epoch(2), position: Position(u64::MAX) };
        assert_eq!(place.to_string().parse(), Ok(place));
    }

    #[test]
    fn anything_else_is_no_place() {
        for bad in ["", "1", "1.", ".1", "1.2.3", "-1.2", "+1.2", "01.2", "1. 2", "4294967296.1"] {
            assert_eq!(bad.parse::<Place>(), Err(Malformed), "{bad}");
        }
    }
}

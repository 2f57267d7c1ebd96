//! `ETag`, `If-Match`, `If-None-Match`: which state of a thing the client has seen.

use std::fmt;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};
use events_schema::envelope::Version;

use super::place::{Malformed, Place, number};
use super::{invalid, text_of};
use crate::problem::{Code, Problem};

/// A list in `If-Match` or `If-None-Match` may be this long.
const TAGS_MAX: usize = 16;

/// `"version-epoch.position"`, the quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag {
    pub version: Version,
    pub place: Place,
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}-{}\"", self.version, self.place)
    }
}

impl FromStr for ETag {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let (version, place) = inner.and_then(|text| text.split_once('-')).ok_or(Malformed)?;
        Ok(Self { version: Version(number(version)?), place: place.parse()? })
    }
}

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Ok(value) = HeaderValue::from_str(&self.to_string()) {
            parts.headers_mut().insert(header::ETAG, value);
        }
        Ok(parts)
    }
}

/// `If-Match`: change it only if it is still as I saw it. Versions are compared, not positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    Absent,
    /// `*`
    AnyVersion,
    OneOf(Vec<Version>),
}

impl IfMatch {
    /// # Errors
    /// 412: it has changed since, or (version 0) does not exist.
    pub fn check(&self, current: Version) -> Result<(), Problem> {
        let holds = match self {
            Self::Absent => true,
            Self::AnyVersion => current > Version(0),
            Self::OneOf(versions) => versions.contains(&current),
        };
        let stale = || Problem::new(Code::PreconditionFailed, "it has changed since you read it");
        if holds { Ok(()) } else { Err(stale()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(text) = text_of(&parts.headers, &header::IF_MATCH)? else {
            return Ok(Self::Absent);
        };
        if text == "*" {
            return Ok(Self::AnyVersion);
        }
        let tags = text.split(',').map(|tag| tag.trim().parse::<ETag>().map(|tag| tag.version));
        match tags.collect::<Result<Vec<_>, _>>() {
            Ok(versions) if versions.len() <= TAGS_MAX => Ok(Self::OneOf(versions)),
            Ok(_) | Err(Malformed) => {
                Err(invalid(&header::IF_MATCH, "is not an ETag that we gave"))
            }
        }
    }
}

/// `If-None-Match`: answer 304 if it is still as I saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    /// Whether the client already has what `tag` names.
    #[must_use]
    pub fn matches(&self, tag: ETag) -> bool {
        let tag = tag.to_string();
        self.0.as_deref().is_some_and(|list| {
            let mut seen = list.split(',').take(TAGS_MAX).map(str::trim);
            seen.any(|seen| seen == "*" || seen.strip_prefix("W/").unwrap_or(seen) == tag)
        })
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(text_of(&parts.headers, &header::IF_NONE_MATCH)?.map(str::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use events_schema::envelope::{Epoch, Position};

    use super::*;

    const TAG: ETag =
        ETag { version: Version(3), place: Place { epoch: Epoch(1), position: Position(42) } };

    async fn read<T: FromRequestParts<(), Rejection = Problem>>(
        name: header::HeaderName,
        value: &str,
    ) -> Result<T, Problem> {
        let request = Request::builder().header(name, value).body(()).unwrap();
        T::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[test]
    fn a_tag_reads_back() {
        assert_eq!(TAG.to_string(), "\"3-1.42\"");
        assert_eq!("\"3-1.42\"".parse(), Ok(TAG));
    }

    #[tokio::test]
    async fn a_change_needs_the_version_that_was_seen() {
        let seen: IfMatch = read(header::IF_MATCH, "\"2-1.9\", \"3-1.42\"").await.unwrap();
        assert!(seen.check(Version(3)).is_ok());
        assert_eq!(seen.check(Version(4)).unwrap_err().status(), 412);
        let any: IfMatch = read(header::IF_MATCH, "*").await.unwrap();
        assert!(any.check(Version(4)).is_ok());
        assert!(any.check(Version(0)).is_err());
        assert!(IfMatch::Absent.check(Version(0)).is_ok());
    }

    #[tokio::test]
    async fn a_tag_that_we_never_gave_is_a_400() {
        for bad in ["3", "\"3\"", "W/\"3-1.42\"", "\"a-1.42\"", "\"3-1.42\",", ""] {
            let problem = read::<IfMatch>(header::IF_MATCH, bad).await.unwrap_err();
            assert_eq!(problem.code(), "invalid_header", "{bad}");
        }
    }

    #[tokio::test]
    async fn what_the_client_has_is_not_sent_again() {
        for (value, has) in
            [("\"3-1.42\"", true), ("W/\"3-1.42\"", true), ("*", true), ("\"3-1.41\"", false)]
        {
            let seen: IfNoneMatch = read(header::IF_NONE_MATCH, value).await.unwrap();
            assert_eq!(seen.matches(TAG), has, "{value}");
        }
        assert!(!IfNoneMatch::default().matches(TAG));
    }
}

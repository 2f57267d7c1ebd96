//! The headers that mean something to us, each parsed once into a value.

pub mod conditional;
pub mod place;

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::{Code, Problem};

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The text of a header that stands at most once.
pub(crate) fn text_of<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid(name, "stands twice"));
    }
    value.to_str().map(Some).map_err(|_| invalid(name, "is not visible ASCII"))
}

fn invalid(name: &HeaderName, detail: &str) -> Problem {
    Problem::of_field(Code::InvalidHeader, name.as_str(), detail)
}

/// `Idempotency-Key`: 1 to 255 visible ASCII characters, chosen by the client for one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = text_of(&parts.headers, &IDEMPOTENCY_KEY)?.ok_or_else(|| {
            let detail =
                "send an Idempotency-Key of your own choice, so that you may safely repeat";
            Problem::new(Code::IdempotencyKeyMissing, detail)
        })?;
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(invalid(&IDEMPOTENCY_KEY, "is not 1 to 255 visible ASCII characters"))
        }
    }
}

/// Names one request in answers and logs: the client's `X-Request-Id` if it is 1 to 128 of
/// `A-Z a-z 0-9 . _ -`, else one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = text_of(headers, &REQUEST_ID).ok()??;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sane = (1..=128).contains(&text.len()) && text.bytes().all(plain);
        sane.then(|| Self(text.to_owned()))
    }

    pub(crate) fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(Problem::internal)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn read<T: FromRequestParts<(), Rejection = Problem>>(
        headers: &[(&HeaderName, &str)],
    ) -> Result<T, Problem> {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        T::from_request_parts(&mut request.body(()).unwrap().into_parts().0, &()).await
    }

    #[tokio::test]
    async fn a_command_must_bring_a_key() {
        let missing = read::<IdempotencyKey>(&[]).await.unwrap_err();
        assert_eq!(missing.code(), "idempotency_key_missing");
        let key = read::<IdempotencyKey>(&[(&IDEMPOTENCY_KEY, "k-1")]).await.unwrap();
        assert_eq!(key.as_str(), "k-1");
    }

    #[tokio::test]
    async fn keys_are_short_visible_and_alone() {
        for bad in ["", "a b", "장터", &"k".repeat(256)] {
            let problem = read::<IdempotencyKey>(&[(&IDEMPOTENCY_KEY, bad)]).await.unwrap_err();
            assert_eq!(problem.code(), "invalid_header", "{bad}");
        }
        let twice = [(&IDEMPOTENCY_KEY, "a"), (&IDEMPOTENCY_KEY, "b")];
        assert_eq!(read::<IdempotencyKey>(&twice).await.unwrap_err().code(), "invalid_header");
    }

    #[test]
    fn only_sane_request_ids_are_taken_over() {
        let of = |text: &str| {
            RequestId::of(&[(REQUEST_ID, text.parse().unwrap())].into_iter().collect())
        };
        assert_eq!(of("a-B_1.2"), Some(RequestId("a-B_1.2".to_owned())));
        for bad in ["", "a b", "<script>", &"a".repeat(129)] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}

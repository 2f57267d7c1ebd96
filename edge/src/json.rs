//! A JSON body, read strictly: what is odd is refused with its own code and the path of the field.
//!
//! Limits: 2 MiB (set in [`crate::state::Config`]), 127 levels deep, 10,000 keys and items.

mod mismatch;
mod strict;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fingerprint::Fingerprint;
use crate::problem::{Code, Problem};
use crate::server::TimedOut;
use crate::state::Edge;

/// A longer body is read where it keeps nobody waiting.
const BYTES_AT_ONCE_MAX: usize = 64 * 1024;

/// The value of a JSON body, and the fingerprint of the whole request.
#[derive(Clone, Copy, Debug)]
pub struct Json<T> {
    pub value: T,
    pub fingerprint: Fingerprint,
}

/// A command that has no body: none is sent, or an empty object.
#[derive(Clone, Copy, Debug)]
pub struct NoBody {
    pub fingerprint: Fingerprint,
}

impl<S: Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "send the body as application/json";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let (edge, parts, body) = taken_apart(request).await?;
        let is_long = body.len() > BYTES_AT_ONCE_MAX;
        let work = move || {
            let (value, tree) = read(&body)?;
            let fingerprint = edge.fingerprints().of(&parts.0, &parts.1, Some(&tree));
            Ok(Self { value, fingerprint })
        };
        if !is_long {
            return work();
        }
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, "body cannot be read");
            Err(Problem::internal())
        })
    }
}

impl<S: Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (edge, parts, body) = taken_apart(request).await?;
        if !matches!(body.trim_ascii(), b"" | b"{}") {
            return Err(Problem::new(Code::BodyNotExpected, "send no body here"));
        }
        Ok(Self { fingerprint: edge.fingerprints().of(&parts.0, &parts.1, None) })
    }
}

async fn taken_apart(
    request: Request,
) -> Result<(Edge, (axum::http::Method, String), Bytes), Problem> {
    let edge = request.extensions().get::<Edge>().cloned().ok_or_else(Problem::internal)?;
    let target = (request.method().clone(), request.uri().path().to_owned());
    Ok((edge, target, whole(request.into_body()).await?))
}

/// The bytes of a body whose length and time the stack limits.
async fn whole(body: Body) -> Result<Bytes, Problem> {
    let error = match body.collect().await {
        Ok(collected) => return Ok(collected.to_bytes()),
        Err(error) => error,
    };
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Err(Problem::new(Code::BodyTooLarge, "the body is too large"));
        }
        if error.is::<TimedOut>() {
            return Err(Problem::new(Code::RequestTimeout, "the body came too slowly"));
        }
        cause = error.source();
    }
    Err(Problem::new(Code::UnreadableJson, "the body ended too early"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let mut words = text.split(';').map(str::trim);
    let essence = words.next().unwrap_or_default();
    let utf8 = |word: &str| {
        let word = word.to_ascii_lowercase();
        !word.starts_with("charset=") || word.trim_end_matches('"').ends_with("utf-8")
    };
    essence.eq_ignore_ascii_case("application/json") && words.all(utf8)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<(T, Value), Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(Code::UnreadableJson, "the body is not UTF-8"))?;
    let tree = strict::read(text)?;
    Ok((mismatch::typed(text)?, tree))
}

#[cfg(test)]
#[path = "json/tests.rs"]
mod tests;

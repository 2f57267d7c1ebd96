//! Path and query parameters, and who calls, as values.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};
use crate::token::Caller;

/// The parameters of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = <extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state);
        read.await.map(|extract::Path(value)| Self(value)).map_err(|rejection| path(&rejection))
    }
}

fn path(rejection: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        tracing::error!(%rejection, "route has no path parameters");
        return Problem::internal();
    };
    match failed.kind() {
        ErrorKind::DeserializeError { key, message, .. } => {
            Problem::of_field(Code::InvalidPath, key, message)
        }
        ErrorKind::ParseErrorAtKey { key, .. } | ErrorKind::InvalidUtf8InPathParam { key } => {
            Problem::of_field(Code::InvalidPath, key, "is not what stands here")
        }
        ErrorKind::Message(message) => Problem::new(Code::InvalidPath, message),
        ErrorKind::WrongNumberOfParameters { .. }
        | ErrorKind::ParseErrorAtIndex { .. }
        | ErrorKind::ParseError { .. }
        | ErrorKind::UnsupportedType { .. }
        | _ => Problem::new(Code::InvalidPath, "the path is not what stands here"),
    }
}

/// The parameters of the query. `T` says `deny_unknown_fields`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.uri.query().is_none_or(is_utf8) {
            return Err(Problem::new(Code::InvalidQuery, "the query is not UTF-8"));
        }
        let read = extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|extract::Query(value)| Self(value)).map_err(|rejection| query(&rejection))
    }
}

/// The library would put U+FFFD where escaped bytes are no text.
fn is_utf8(query: &str) -> bool {
    let mut parts = query.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let escaped = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.extend(escaped);
        bytes.extend(part.bytes().skip(if escaped.is_some() { 2 } else { 0 }));
    }
    String::from_utf8(bytes).is_ok()
}

fn query(rejection: &QueryRejection) -> Problem {
    let mut cause: &dyn std::error::Error = rejection;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Problem::new(Code::InvalidQuery, cause.to_string())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "send a bearer token"))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

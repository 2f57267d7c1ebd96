//! The form of every answer: what was asked for, the state it shows, and how far its view has got.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use edge::headers::conditional::{ETag, IfNoneMatch};
use edge::headers::place::Place;
use edge::problem::Problem;
use events_schema::envelope::Version;
use serde::Serialize;

use crate::failure;

/// JSON, its tag, and the position up to which it has seen everything.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) tag: ETag,
    pub(crate) place: Place,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn of(body: &impl Serialize, tag: ETag, place: Place) -> Result<Self, Problem> {
        let body = serde_json::to_vec(body).map_err(|error| failure::bug(&error))?;
        Ok(Self { tag, place, body: body.into() })
    }

    /// A list has no version of its own: it may change whenever its view moves on.
    pub(crate) const fn tag_of_list(place: Place) -> ETag {
        ETag { version: Version(0), place }
    }

    /// 304 without a body where the client has it already.
    pub(crate) fn unless(self, seen: &IfNoneMatch) -> Response {
        let Self { tag, place, body } = self;
        if seen.matches(tag) {
            return (StatusCode::NOT_MODIFIED, tag, place, ()).into_response();
        }
        (tag, place, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

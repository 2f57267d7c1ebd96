//! What a command answers: ids and versions, and the position from which queries see it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use edge::documented;
use edge::headers::conditional::ETag;
use edge::headers::place::Place;
use events_schema::envelope::{Epoch, Position, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::execute::{Body, Executed};
use crate::problem::CommandError;

/// What was written, without the position: that is the log's to give.
#[derive(Serialize)]
struct Written {
    id: String,
    version: Version,
}

/// The answer's body for a thing that has this version now.
pub(crate) fn written(id: impl ToString, version: Version) -> Result<Body, CommandError> {
    Body::of(&Written { id: id.to_string(), version })
}

/// As a client sees it.
#[derive(Debug, Deserialize, JsonSchema, Serialize)]
pub struct Changed {
    pub id: String,
    /// How many events the thing has. `If-Match` compares it.
    pub version: u64,
    /// Of the log. Send the header `Jangteo-Position` back as `Jangteo-Min-Position` to read it.
    pub position: u64,
}

documented! { Changed = "Changed" }

/// The answer to a command.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Map<String, Value>,
    place: Place,
}

impl Answer {
    pub(crate) fn new(executed: &Executed, epoch: Epoch) -> Result<Self, CommandError> {
        let position: Position = executed.position;
        let mut body: Map<String, Value> =
            serde_json::from_slice(&executed.body).map_err(CommandError::bug)?;
        body.insert("position".to_owned(), position.0.into());
        Ok(Self { status: StatusCode::OK, body, place: Place { epoch, position } })
    }

    /// Something new stands there now.
    pub(crate) fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Self { status, body, place } = self;
        match body.get("version").and_then(Value::as_u64).map(Version) {
            Some(version) => (status, place, ETag { version, place }, Json(body)).into_response(),
            None => (status, place, Json(body)).into_response(),
        }
    }
}

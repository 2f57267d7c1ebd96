//! Every failure as the client sees it (RFC 9457), and the one table from code to HTTP status.
//!
//! What is written here is public text. Causes are logged where they are caught, never shown.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident;)*) => {
        /// Why a request was not served. The text is stable: clients match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                }
            }
        }
    };
}

codes! {
    UnreadableJson = "unreadable_json", BAD_REQUEST;
    TooDeep = "too_deep", BAD_REQUEST;
    TooManyKeys = "too_many_keys", BAD_REQUEST;
    DuplicateKey = "duplicate_key", BAD_REQUEST;
    UnknownField = "unknown_field", BAD_REQUEST;
    MissingField = "missing_field", BAD_REQUEST;
    WrongType = "wrong_type", BAD_REQUEST;
    InvalidValue = "invalid_value", BAD_REQUEST;
    InvalidPath = "invalid_path", BAD_REQUEST;
    InvalidQuery = "invalid_query", BAD_REQUEST;
    InvalidHeader = "invalid_header", BAD_REQUEST;
    BodyNotExpected = "body_not_expected", BAD_REQUEST;
    IdempotencyKeyMissing = "idempotency_key_missing", BAD_REQUEST;
    CursorInvalid = "cursor_invalid", BAD_REQUEST;
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    Forbidden = "forbidden", FORBIDDEN;
    /// Absent, or not yours.
    NotFound = "not_found", NOT_FOUND;
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT;
    /// Lost the race.
    Conflict = "conflict", CONFLICT;
    PersonErased = "person_erased", CONFLICT;
    /// A stale `If-Match`.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED;
    /// The views have not yet reached `Jangteo-Min-Position`.
    ViewBehind = "view_behind", PRECONDITION_FAILED;
    /// A position was given in another epoch of the log.
    EpochChanged = "epoch_changed", PRECONDITION_FAILED;
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE;
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY;
    /// What had happened by the time asked for contradicts itself.
    PastUnclear = "past_unclear", UNPROCESSABLE_ENTITY;
    RateLimited = "rate_limited", TOO_MANY_REQUESTS;
    /// A bug of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR;
    /// A dependency is down.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
    ViewParked = "view_parked", SERVICE_UNAVAILABLE;
}

/// One field of the request that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The path of the field: `lines[0].quantity`.
    pub field: String,
    pub code: &'static str,
    pub detail: String,
}

/// What the body of an `application/problem+json` answer says.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
struct Document {
    /// `urn:jangteo:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    /// Stable; match on this.
    code: &'static str,
    /// For people; may change.
    detail: String,
    /// Quote it when you report the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// An answer that is not the one asked for.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    document: Document,
}

/// How long a client is told to wait when a dependency is down.
const RETRY_AFTER_SECONDS: u64 = 5;

impl Problem {
    /// A problem of the table. `detail` is public.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let problem = Self::rejected(code.as_str(), code.status(), detail);
        match code.status() {
            StatusCode::UNAUTHORIZED => {
                problem.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            StatusCode::SERVICE_UNAVAILABLE => problem.retry_after(RETRY_AFTER_SECONDS),
            _other => problem,
        }
    }

    /// A rule said no: its own stable code, and 404, 409 or 422.
    #[must_use]
    pub fn rejected(code: &'static str, status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            headers: Vec::new(),
            document: Document {
                kind: format!("urn:jangteo:problem:{code}"),
                title: status.canonical_reason().unwrap_or("Error"),
                status: status.as_u16(),
                code,
                detail: detail.into(),
                request_id: None,
                errors: Vec::new(),
            },
        }))
    }

    /// A bug. The cause belongs into the log, by the caller.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "this is our fault; the request id leads us to the cause")
    }

    /// One field could not be used; its error is also the problem's.
    #[must_use]
    pub fn of_field(code: Code, field: impl Into<String>, detail: impl Into<String>) -> Self {
        let (field, detail) = (field.into(), detail.into());
        let mut problem = Self::new(code, format!("{field}: {detail}"));
        problem.0.document.errors.push(FieldError { field, code: code.as_str(), detail });
        problem
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.headers.retain(|(name, _)| name != header::RETRY_AFTER);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.document.code
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.document.detail
    }

    pub(crate) fn with_request_id(mut self, request_id: &str) -> Self {
        self.0.document.request_id = Some(request_id.to_owned());
        self
    }

    /// The schema of the body, for the OpenAPI document.
    pub(crate) fn schemas() -> Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)> {
        use utoipa::{PartialSchema, ToSchema};
        let mut schemas = vec![("Problem".to_owned(), Document::schema())];
        schemas.push((FieldError::name().into_owned(), FieldError::schema()));
        schemas
    }

    pub(crate) fn body(&self) -> Body {
        Body::from(serde_json::to_vec(&self.0.document).unwrap_or_default())
    }
}

/// The problem travels on as an extension, so that the request id can be added where it is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in &self.0.headers {
            headers.insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_unique_and_never_a_success() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(texts.iter().all(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
        assert!(Code::ALL.iter().all(|code| code.status().as_u16() >= 400));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn a_missing_dependency_says_when_to_come_again() {
        let problem = Problem::new(Code::Unavailable, "the log cannot be reached").retry_after(9);
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "9");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[test]
    fn the_body_is_as_rfc_9457_has_it() {
        let problem = Problem::of_field(Code::WrongType, "lines[0].quantity", "a text");
        let body = serde_json::to_value(&problem.with_request_id("r1").0.document).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:jangteo:problem:wrong_type",
                "title": "Bad Request",
                "status": 400,
                "code": "wrong_type",
                "detail": "lines[0].quantity: a text",
                "request_id": "r1",
                "errors": [
                    { "field": "lines[0].quantity", "code": "wrong_type", "detail": "a text" }
                ],
            })
        );
    }
}

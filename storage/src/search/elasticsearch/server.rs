//! One call to the server, and what its answer means.

use std::fmt;
use std::time::Duration;

pub(super) use elasticsearch::http::Method;
use elasticsearch::http::headers::HeaderMap;
use elasticsearch::http::transport::Transport;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::Error;

/// What a call may take, connecting included: a bulk of 5 MiB on a busy server among them.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Server(Transport);

/// What the server said to a call that it refused.
#[derive(Debug, thiserror::Error)]
#[error("search answers {status} {kind}: {reason}")]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// As in `index_not_found_exception`.
    pub(super) kind: String,
    pub(super) reason: String,
}

#[derive(Debug)]
pub(super) enum Failure {
    /// No answer, or none that reads.
    Silent(Error),
    Refused(Refusal),
}

impl Server {
    pub(super) const fn new(transport: Transport) -> Self {
        Self(transport)
    }

    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Option<String>>,
    ) -> Result<T, Failure> {
        let sent =
            self.0.send(method, path, HeaderMap::new(), None::<&()>, body.into(), None).await;
        let response = sent.map_err(silent)?;
        let status = response.status_code().as_u16();
        let text = response.bytes().await.map_err(silent)?;
        if status < 300 {
            return serde_json::from_slice(&text).map_err(silent);
        }
        let answer: Value = serde_json::from_slice(&text).unwrap_or_default();
        Err(Failure::Refused(Refusal::of(status, &answer["error"])))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

fn silent(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Silent(Error::Unavailable(Box::new(error)))
}

impl Refusal {
    pub(super) fn of(status: u16, error: &Value) -> Self {
        let text = |name: &str| error[name].as_str().map(str::to_owned).unwrap_or_default();
        let cause = error["caused_by"]["reason"].as_str();
        let reason = match (text("reason"), cause) {
            (reason, Some(cause)) => format!("{reason}: {cause}"),
            (reason, None) => reason,
        };
        Self { status, kind: text("type"), reason }
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// Whether it says to come more slowly. An index that is blocked, as by a full disk, says 429
    /// too, and goes on saying so.
    pub(super) fn is_throttled(&self) -> bool {
        self.status == 429 && !self.is("cluster_block_exception")
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent(error) => error,
            Failure::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match (refusal.status, refusal.kind.as_str()) {
            (404, "index_not_found_exception") => Self::Invalid("generation was not declared"),
            // Closed while its dictionary is changed, or blocked.
            (_, "index_closed_exception" | "cluster_block_exception") | (429 | 500.., _) => {
                Self::Unavailable(Box::new(refusal))
            }
            _ => Self::Configuration(refusal.to_string()),
        }
    }
}

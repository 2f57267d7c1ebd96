//! Every way a command can fail, and the one table that turns it into HTTP.

use std::error::Error;
use std::fmt;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::decider::{Refusal, RefusalKind};
use edge::problem::{Code, Problem};
use events_schema::DecodeError;
use events_schema::envelope::Version;
use events_schema::stream::StreamId;
use storage::event_log;
use storage::keys::{self, seal};

type Cause = Box<dyn Error + Send + Sync>;

/// Why a command did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A rule of the domain said no.
    #[error("command was refused: {0}")]
    Refused(Box<dyn Refusal>),
    /// Another command reached a stream first, more often than we retry.
    #[error("stream was changed concurrently")]
    Conflict,
    /// The same command is being handled under the same key.
    #[error("command was sent twice at once")]
    Repeated,
    /// The key was used before, for another wish.
    #[error("idempotency key was used for another request")]
    KeyReused,
    /// `If-Match` names another version.
    #[error("version is {current}")]
    VersionMoved { current: Version },
    /// The caller's token does not say for whom this is done.
    #[error("your token names no seller")]
    NoSeller,
    /// New personal data of somebody whose keys were destroyed.
    #[error("person was erased")]
    PersonErased,
    /// Too many commands wait for one stream.
    #[error("too many commands wait for one stream")]
    Busy,
    /// A dependency cannot be reached. The command may have been written: repeat it with its key.
    #[error("dependency is unavailable")]
    Unavailable(#[source] Cause),
    /// A stream holds what does not belong there. Somebody has to look.
    #[error("stream {stream} is corrupt")]
    Corrupt { stream: StreamId, source: Cause },
    /// A newer program wrote what this one cannot read. One of its own age can go on.
    #[error("stream {stream} holds what a newer program wrote")]
    Newer { stream: StreamId, source: DecodeError },
    /// A bug of ours.
    #[error("command failed")]
    Bug(#[source] Cause),
    /// Its task panicked or ended without an outcome.
    #[error("command has no outcome")]
    TaskFailed,
}

impl CommandError {
    pub fn refused(refusal: impl Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }

    pub fn bug(cause: impl Into<Cause>) -> Self {
        Self::Bug(cause.into())
    }

    pub(crate) fn unreadable(stream: StreamId, source: DecodeError) -> Self {
        match source {
            DecodeError::UnknownType(_) | DecodeError::UnknownVersion { .. } => {
                Self::Newer { stream, source }
            }
            DecodeError::Malformed { .. } => Self::corrupt(stream, source),
        }
    }

    pub(crate) fn corrupt(stream: StreamId, cause: impl Into<Cause>) -> Self {
        Self::Corrupt { stream, source: cause.into() }
    }

    /// The decision could be another one on a fresher state, or for a repeat.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::VersionMoved { .. })
    }

    pub(crate) const fn is_worth_retrying(&self) -> bool {
        matches!(self, Self::Conflict | Self::Repeated | Self::Unavailable(_))
    }
}

impl From<event_log::Error> for CommandError {
    fn from(error: event_log::Error) -> Self {
        use event_log::Error as Log;
        match error {
            Log::KeyReused => Self::KeyReused,
            Log::Unavailable(_) => Self::Unavailable(Box::new(error)),
            Log::Invalid(_) | Log::Corrupt { .. } | Log::Configuration(_) => Self::bug(error),
        }
    }
}

impl From<seal::Error> for CommandError {
    fn from(error: seal::Error) -> Self {
        match error {
            seal::Error::Erased => Self::PersonErased,
            seal::Error::Keys(keys::Error::Unavailable(cause)) => Self::Unavailable(cause),
            seal::Error::Keys(keys::Error::Tampered(_) | keys::Error::Configuration(_))
            | seal::Error::Encoding(_) => Self::bug(error),
        }
    }
}

/// The table.
impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        use CommandError as E;
        match &error {
            E::Refused(refusal) => {
                tracing::debug!(code = refusal.code(), "command refused");
                let status = match refusal.kind() {
                    RefusalKind::Absent => StatusCode::NOT_FOUND,
                    RefusalKind::Conflict => StatusCode::CONFLICT,
                    RefusalKind::Rule => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Self::rejected(refusal.code(), status, refusal.to_string())
            }
            E::Conflict | E::Repeated => Self::new(
                Code::Conflict,
                "others changed the same thing at the same time; try again",
            ),
            E::KeyReused => Self::new(Code::IdempotencyKeyReused, error.to_string()),
            E::VersionMoved { .. } => Self::new(Code::PreconditionFailed, error.to_string()),
            E::NoSeller => Self::new(Code::Forbidden, error.to_string()),
            E::PersonErased => Self::new(Code::PersonErased, error.to_string()),
            E::Busy => Self::new(Code::Unavailable, error.to_string()).retry_after(1),
            E::Unavailable(_) => {
                tracing::warn!(error = %Chain(&error), "command could not be handled");
                Self::new(
                    Code::Unavailable,
                    "the command may or may not have happened; repeat it with the same key",
                )
            }
            E::Newer { .. } => {
                tracing::error!(error = %Chain(&error), "command needs a newer program");
                Self::new(Code::Unavailable, "a newer release has begun and is not everywhere yet")
            }
            E::Corrupt { .. } | E::Bug(_) | E::TaskFailed => {
                tracing::error!(error = %Chain(&error), "command failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for CommandError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// An error and its causes on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::{inventory, order};
    use events_schema::envelope::Position;
    use events_schema::ids::CategoryId;
    use uuid::Uuid;

    use super::*;

    #[track_caller]
    fn shown(error: CommandError, status: u16, code: &str) {
        let problem = Problem::from(error);
        assert_eq!((problem.status().as_u16(), problem.code()), (status, code));
    }

    #[test]
    fn a_refusal_is_shown_as_its_rule_says() {
        shown(CommandError::refused(order::Rejection::NotFound), 404, "order_not_found");
        shown(CommandError::refused(inventory::Rejection::OutOfStock), 409, "out_of_stock");
        shown(CommandError::refused(order::Rejection::MixedCurrencies), 422, "currency_mismatch");
        let problem = Problem::from(CommandError::refused(order::Rejection::NotPaid));
        assert_eq!(problem.detail(), "order is not paid");
    }

    #[test]
    fn every_other_failure_has_its_place_in_the_table() {
        shown(CommandError::Conflict, 409, "conflict");
        shown(CommandError::Repeated, 409, "conflict");
        shown(CommandError::KeyReused, 422, "idempotency_key_reused");
        shown(CommandError::VersionMoved { current: Version(3) }, 412, "precondition_failed");
        shown(CommandError::PersonErased, 409, "person_erased");
        shown(CommandError::NoSeller, 403, "forbidden");
        shown(CommandError::Busy, 503, "unavailable");
        shown(CommandError::TaskFailed, 500, "internal");
        let stream = StreamId::Category(CategoryId::new(Uuid::nil()));
        let event_type = || "category.renamed".to_owned();
        let of_newer = [
            DecodeError::UnknownType(event_type()),
            DecodeError::UnknownVersion { event_type: event_type(), version: 2 },
        ];
        for newer in of_newer {
            shown(CommandError::unreadable(stream, newer), 503, "unavailable");
        }
        let bad = DecodeError::Malformed { event_type: event_type(), reason: "no name".to_owned() };
        shown(CommandError::unreadable(stream, bad), 500, "internal");
    }

    #[test]
    fn the_logs_own_words_are_never_shown() {
        let secret = || "password=1234".to_owned();
        let away = event_log::Error::Unavailable(secret().into());
        let corrupt = event_log::Error::Corrupt { position: Position(7), what: secret() };
        for (error, status) in [(away, 503), (corrupt, 500)] {
            let problem = Problem::from(CommandError::from(error));
            assert_eq!(problem.status().as_u16(), status);
            assert!(!problem.detail().contains("1234"), "{}", problem.detail());
        }
    }
}

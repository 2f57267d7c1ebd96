//! What a failed dependency looks like from outside. The cause is logged here, once.

use edge::problem::{Code, Problem};
use storage::{documents, event_log, keys, search};

pub(crate) fn log(error: event_log::Error) -> Problem {
    match &error {
        event_log::Error::Unavailable(_) => unavailable(&error, "the event log cannot be reached"),
        event_log::Error::KeyReused
        | event_log::Error::Invalid(_)
        | event_log::Error::Corrupt { .. }
        | event_log::Error::Configuration(_) => bug(&error),
    }
}

pub(crate) fn documents(error: documents::Error) -> Problem {
    match &error {
        documents::Error::Unavailable(_) => unavailable(&error, "documents cannot be reached"),
        documents::Error::Invalid(_)
        | documents::Error::Undeclared
        | documents::Error::Configuration(_) => bug(&error),
    }
}

pub(crate) fn search(error: search::Error) -> Problem {
    match &error {
        search::Error::Unavailable(_) => unavailable(&error, "search cannot be reached"),
        search::Error::Invalid(detail) => Problem::new(Code::InvalidQuery, *detail),
        search::Error::Refused(_) | search::Error::Configuration(_) => bug(&error),
    }
}

pub(crate) fn keys(error: keys::Error) -> Problem {
    match &error {
        keys::Error::Unavailable(_) => unavailable(&error, "the key store cannot be reached"),
        keys::Error::Tampered(_) | keys::Error::Configuration(_) => bug(&error),
    }
}

/// What is stored cannot be read back, or something of ours did not hold.
pub(crate) fn bug(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "query failed");
    Problem::internal()
}

fn unavailable(error: &(dyn std::error::Error + 'static), detail: &str) -> Problem {
    tracing::warn!(error, "dependency is unavailable");
    Problem::new(Code::Unavailable, detail)
}

//! One failure that several callers are told of.

use std::fmt;
use std::sync::Arc;

use super::Error;

/// Why a call failed, as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) &'static str);

pub(super) fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unavailable(source.into())
}

#[derive(Clone)]
struct Shared(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// The same failure for each of `count` callers.
pub(super) fn for_all<T>(error: Error, count: usize) -> Vec<Result<T, Error>> {
    let tell: Box<dyn Fn() -> Error> = match error {
        Error::Unavailable(source) => {
            let shared = Shared(source.into());
            Box::new(move || Error::Unavailable(Box::new(shared.clone())))
        }
        Error::KeyReused => Box::new(|| Error::KeyReused),
        Error::Invalid(what) => Box::new(move || Error::Invalid(what)),
        Error::Corrupt { position, what } => {
            Box::new(move || Error::Corrupt { position, what: what.clone() })
        }
        Error::Configuration(what) => Box::new(move || Error::Configuration(what.clone())),
    };
    (0..count).map(|_| Err(tell())).collect()
}

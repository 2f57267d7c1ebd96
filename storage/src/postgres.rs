//! What the stores in PostgreSQL share: connections with their role and their encryption,
//! migrations, and what is checked before a store is used.

mod check;
mod connections;
mod instant;
mod migration;
mod pool;
mod tls;
mod url;

use std::error::Error as StdError;

pub(crate) use self::connections::{Connections, Login, Needs};
pub(crate) use self::instant::Instant;
pub(crate) use self::migration::{Migrations, Operator};

/// Why a server is not used, or did not answer.
#[derive(Debug)]
pub(crate) enum Error {
    /// An operator has to change something: what.
    Configuration(String),
    Unavailable(Box<dyn StdError + Send + Sync>),
}

impl Error {
    fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::unavailable(error)
    }
}

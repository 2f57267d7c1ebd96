//! The scheme of a URL picks the adapter.

use std::path::PathBuf;
use std::sync::Arc;

use events_schema::envelope::Epoch;

use super::sqlite::SqliteLog;
use super::{Error, SharedLog};
use crate::world::World;

enum Place {
    Sqlite(PathBuf),
    Postgres,
}

fn place(url: &str) -> Result<Place, Error> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        if path.is_empty() {
            return Err(Error::Configuration("sqlite: needs a path, as in sqlite:data/log".into()));
        }
        return Ok(Place::Sqlite(path.into()));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Place::Postgres);
    }
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    Err(Error::Configuration(format!(
        "unknown scheme {scheme:?}: give sqlite:PATH or postgres://USER@HOST:PORT/DATABASE"
    )))
}

#[cfg(not(feature = "postgres"))]
fn without_postgres<T>() -> Result<T, Error> {
    Err(Error::Configuration(
        "this build has no PostgreSQL: build it with the cargo feature `postgres`".into(),
    ))
}

/// Opens the log for appending and reading. `world` gives the time where the store has no clock of
/// its own; one that has must agree with it.
///
/// # Errors
/// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
pub async fn open(url: &str, world: World) -> Result<SharedLog, Error> {
    match place(url)? {
        Place::Sqlite(path) => Ok(Arc::new(SqliteLog::open(path, world).await?)),
        #[cfg(feature = "postgres")]
        Place::Postgres => Ok(Arc::new(super::postgres::PostgresLog::open(url, &world).await?)),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres => without_postgres(),
    }
}

/// Opens the log for reading, beside the process that writes it.
///
/// # Errors
/// As [`open`].
pub async fn open_read_only(url: &str, world: World) -> Result<SharedLog, Error> {
    match place(url)? {
        Place::Sqlite(path) => Ok(Arc::new(SqliteLog::open_read_only(path, world).await?)),
        #[cfg(feature = "postgres")]
        Place::Postgres => {
            Ok(Arc::new(super::postgres::PostgresLog::open_read_only(url, &world).await?))
        }
        #[cfg(not(feature = "postgres"))]
        Place::Postgres => without_postgres(),
    }
}

/// Brings the tables to the level of this program.
///
/// # Errors
/// As [`open`].
pub async fn migrate(url: &str) -> Result<(), Error> {
    match place(url)? {
        Place::Sqlite(path) => super::sqlite::migrate(path).await,
        #[cfg(feature = "postgres")]
        Place::Postgres => super::postgres::migrate(url).await,
        #[cfg(not(feature = "postgres"))]
        Place::Postgres => without_postgres(),
    }
}

/// Whether a process has an embedded log open for writing. A server's many may write, and it is not said
/// whether any does.
///
/// # Errors
/// As [`open`].
pub async fn is_written(url: &str) -> Result<bool, Error> {
    match place(url)? {
        Place::Sqlite(path) => super::sqlite::is_written(path).await,
        Place::Postgres => Ok(false),
    }
}

/// Begins a new epoch: an operator does this after the log was restored or has failed over.
///
/// # Errors
/// As [`open`]; [`Error::Corrupt`] when the head is not where the events end.
pub async fn raise_epoch(url: &str) -> Result<Epoch, Error> {
    match place(url)? {
        Place::Sqlite(path) => super::sqlite::raise_epoch(path).await,
        #[cfg(feature = "postgres")]
        Place::Postgres => super::postgres::raise_epoch(url).await,
        #[cfg(not(feature = "postgres"))]
        Place::Postgres => without_postgres(),
    }
}

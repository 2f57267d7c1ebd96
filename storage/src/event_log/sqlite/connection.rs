//! Connections to the file: settings, the level of the tables, and the lock beside the file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::event_log::Error;
use crate::event_log::columns::corrupt;
use crate::event_log::failure::unavailable;

/// Only ever appended to.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0001_event_log.sql"),
    include_str!("../../../migrations/sqlite/0002_forget_keys.sql"),
];
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A process that has just ended may hold its lock for a moment.
const LOCK_ATTEMPTS_MAX: u32 = 10;
const LOCK_ATTEMPT_INTERVAL: Duration = Duration::from_millis(50);

/// Runs what blocks on a thread made for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(unavailable(panic)))
}

/// What a failure of SQLite means to the port.
pub(super) fn failed(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => corrupt(0, error.to_string()),
        _ => unavailable(error),
    }
}

/// Held by the one process that writes the file.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let refused = || {
            let path = path.display();
            Error::Configuration(format!("{path}: another process has this log open for writing"))
        };
        Self::take_if_free(path)?.ok_or_else(refused)
    }

    pub(super) fn take_if_free(path: &Path) -> Result<Option<Self>, Error> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let name = PathBuf::from(name);
        let cannot = |why: &dyn std::fmt::Display| {
            Error::Configuration(format!("{}: {why}", name.display()))
        };
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&name)
            .map_err(|error| cannot(&error))?;
        for _ in 0..LOCK_ATTEMPTS_MAX {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::Error(error)) => return Err(cannot(&error)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_ATTEMPT_INTERVAL),
            }
        }
        Ok(None)
    }
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> Error {
    Error::Configuration(format!("{}: {error}", path.display()))
}

pub(super) fn open_and_migrate(path: &Path) -> Result<Connection, Error> {
    let mut connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    prepare(&mut connection).map_err(|error| match error {
        Error::Unavailable(source) => Error::Configuration(format!("{}: {source}", path.display())),
        Error::Corrupt { what, .. } => Error::Configuration(format!("{}: {what}", path.display())),
        Error::KeyReused | Error::Invalid(_) | Error::Configuration(_) => error,
    })?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;",
        )
        .map_err(failed)?;
    let transaction = connection.transaction().map_err(failed)?;
    let done = level(&transaction)?;
    for (migration, number) in MIGRATIONS.iter().zip(1..).skip(done) {
        transaction.execute_batch(migration).map_err(failed)?;
        transaction.pragma_update(None, "user_version", number).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn level(connection: &Connection) -> Result<usize, Error> {
    let level: u32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    usize::try_from(level).ok().filter(|level| *level <= MIGRATIONS.len()).ok_or_else(|| {
        Error::Configuration(format!("the log has level {level}, newer than this program"))
    })
}

pub(super) fn check_level(connection: &Connection) -> Result<(), Error> {
    if level(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    Err(Error::Configuration("the log is older than this program: run `jangteo migrate`".into()))
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.execute_batch("PRAGMA cache_size = -16000;").map_err(failed)?;
    Ok(connection)
}

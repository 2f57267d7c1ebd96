//! The connections: one that writes, a few that read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::super::Error;
use super::{blocking, error};

const READERS_MAX: usize = 8;
/// A statement for each of `get` and `find` of every collection.
const STATEMENTS_MAX: usize = 256;
/// Other processes may write to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writer = Connection::open_with_flags(path, flags)?;
    writer.busy_timeout(BUSY_TIMEOUT)?;
    writer.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "NORMAL")?;
    // 16 MiB of pages; the log is copied back each 16 MiB.
    writer.pragma_update(None, "cache_size", -16_384)?;
    writer.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    writer.pragma_update(None, "journal_size_limit", 67_108_864)?;
    writer.execute_batch(include_str!("schema.sql"))?;
    Ok(writer)
}

/// Whether what is there, if anything is, can be read.
pub(super) fn look(path: &Path) -> rusqlite::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    reader(path)?.query_row(include_str!("pool/look.sql"), [], |_| Ok(()))
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    reader.busy_timeout(BUSY_TIMEOUT)?;
    reader.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

/// Opened when first needed, kept for the next.
#[derive(Clone)]
pub(super) struct Readers(Arc<Inner>);

struct Inner {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readers").field(&self.0.path).finish()
    }
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let (permits, idle) = (Arc::new(Semaphore::new(READERS_MAX)), Mutex::default());
        Self(Arc::new(Inner { path, permits, idle }))
    }

    /// A read that takes no longer than a hop to another thread.
    pub(super) async fn brief<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let _permit = self.0.permits.acquire().await.map_err(closed)?;
        self.0.run(work)
    }

    pub(super) async fn long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(closed)?;
        let readers = Arc::clone(&self.0);
        blocking(move || {
            // Held until the work ends, which may be after its caller has gone.
            let _permit = permit;
            readers.run(work)
        })
        .await
    }
}

fn closed(error: tokio::sync::AcquireError) -> Error {
    Error::Unavailable(Box::new(error))
}

impl Inner {
    fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle().pop();
        let reader = match idle {
            Some(reader) => reader,
            None if !self.path.exists() => return Err(Error::Undeclared),
            None => reader(&self.path).map_err(error)?,
        };
        let result = work(&reader);
        self.idle().push(reader);
        result
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_read_whose_caller_has_gone_still_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("documents");
        writer(&path).unwrap();
        let readers = Readers::new(path);
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let read = readers.long(move |_| {
            begun.send(()).unwrap();
            may_go_on.recv().map_err(|error| Error::Unavailable(Box::new(error)))
        });
        tokio::select! {
            _ = read => panic!("it waits for us"),
            begun = has_begun => begun.unwrap(),
        }
        assert_eq!(readers.0.permits.available_permits(), READERS_MAX - 1);
        go_on.send(()).unwrap();
        drop(readers.0.permits.acquire_many(8).await.unwrap());
    }
}

//! The embedded log: one SQLite file, one writer, durable at each commit (WAL, `synchronous=FULL`).

mod append;
mod connection;
mod forget;
mod read;
mod readers;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use self::connection::{Lock, blocking};
use self::readers::Readers;
use self::writer::Writer;
use super::bounds::{check_filter, check_limit, check_positions};
use super::failure::{Refused, unavailable};
use super::group::Group;
use super::growth::Growth;
use super::seal::check_intent;
use super::{Answer, Appended, Error, EventLog, Filter, Head, Intent, Page, Unit};
use crate::world::World;

/// Without the writer nobody can hold back an append that is under way; after so long it has
/// landed or failed.
const READER_SETTLES_AFTER_S: i64 = 10;

/// The log in one file.
#[derive(Debug)]
pub struct SqliteLog {
    readers: Readers,
    growth: Growth,
    /// `None` where the log was opened for reading only.
    appends: Option<Appends>,
    world: World,
}

#[derive(Debug)]
struct Appends {
    group: Group,
    writer: Arc<Writer>,
}

impl SqliteLog {
    /// Opens the file, making or migrating it where needed. One process at a time may.
    ///
    /// # Errors
    /// [`Error::Configuration`] when another process has it open, or it is no log of ours.
    pub async fn open(path: impl Into<PathBuf>, world: World) -> Result<Self, Error> {
        let path = path.into();
        let (connection, lock) = {
            let path = path.clone();
            blocking(move || {
                let lock = Lock::take(&path)?;
                Ok((connection::open_and_migrate(&path)?, lock))
            })
            .await?
        };
        let head = read::head(&connection)?;
        let growth = Growth::new(head.position);
        let writer = Arc::new(Writer::start(connection, lock, world.clone())?);
        // One file has one writer: a second flight would only wait.
        let group = Group::start(writer.clone(), 1, growth.clone());
        let appends = Some(Appends { group, writer });
        Ok(Self { readers: Readers::new(path), growth, appends, world })
    }

    /// Opens a file that exists for reading, also while another process writes it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no such file, or it is no log of ours.
    pub async fn open_read_only(path: impl Into<PathBuf>, world: World) -> Result<Self, Error> {
        let readers = Readers::new(path.into());
        let growth = Growth::new(Position(0));
        let log = Self { readers, growth, appends: None, world };
        log.readers.with(connection::check_level).await?;
        Ok(log)
    }

    fn appends(&self) -> Result<&Appends, Error> {
        self.appends.as_ref().ok_or_else(|| unavailable(Refused("the log was opened for reading")))
    }

    async fn settle(&self, at: Timestamp) -> Result<bool, Error> {
        match &self.appends {
            Some(appends) => appends.writer.settle(at).await,
            None => Ok(at <= self.world.now().plus_seconds(-READER_SETTLES_AFTER_S)),
        }
    }
}

/// Brings a file to the level of this program, making it where it is missing.
///
/// # Errors
/// As [`SqliteLog::open`].
pub async fn migrate(path: impl Into<PathBuf>) -> Result<(), Error> {
    let path = path.into();
    blocking(move || {
        let _lock = Lock::take(&path)?;
        connection::open_and_migrate(&path).map(drop)
    })
    .await
}

/// Whether a process has the file open for writing.
///
/// # Errors
/// [`Error::Configuration`] where that cannot be seen.
pub async fn is_written(path: impl Into<PathBuf>) -> Result<bool, Error> {
    let path = path.into();
    blocking(move || Ok(Lock::take_if_free(&path)?.is_none())).await
}

/// Begins a new epoch. No process may have the file open for writing.
///
/// # Errors
/// As [`SqliteLog::open`]; [`Error::Corrupt`] when the head is not where the events end.
pub async fn raise_epoch(path: impl Into<PathBuf>) -> Result<Epoch, Error> {
    let path = path.into();
    blocking(move || {
        let _lock = Lock::take(&path)?;
        append::raise_epoch(&mut connection::open_and_migrate(&path)?)
    })
    .await
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(&self, unit: Unit) -> Result<Appended, Error> {
        self.appends()?.group.append(unit).await
    }

    async fn answer(&self, intent: &Intent) -> Result<Option<Answer>, Error> {
        check_intent(intent)?;
        let intent = intent.clone();
        self.readers.with(move |connection| read::answer(connection, &intent)).await
    }

    async fn forget_keys(&self) -> Result<u64, Error> {
        let forgotten = self.appends()?.writer.forget_keys().await?;
        Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
    }

    async fn read_stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Page<Version>, Error> {
        check_limit(limit)?;
        self.readers.with(move |connection| read::stream(connection, stream, after, limit)).await
    }

    async fn read(
        &self,
        after: Position,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<Position>, Error> {
        check_filter(filter)?;
        check_limit(limit)?;
        let filter = filter.clone();
        self.readers.with(move |connection| read::log(connection, after, &filter, limit)).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<Recorded<Payload>>, Error> {
        let positions = check_positions(positions)?.to_vec();
        self.readers.with(move |connection| read::at(connection, &positions)).await
    }

    async fn head(&self) -> Result<Head, Error> {
        let head = self.readers.with(read::head).await?;
        self.growth.reached(head.position);
        Ok(head)
    }

    async fn position_at(&self, at: Timestamp) -> Result<Position, Error> {
        if self.head().await?.recorded_at <= at && !self.settle(at).await? {
            return Err(Error::Invalid("the instant is not settled yet"));
        }
        self.readers.with(move |connection| read::position_at(connection, at)).await.map(Position)
    }

    async fn wait_beyond(&self, position: Position) {
        self.growth.wait_beyond(position).await;
    }

    async fn close(&self) {
        if let Some(appends) = &self.appends {
            appends.group.close().await;
            appends.writer.close().await;
        }
    }
}

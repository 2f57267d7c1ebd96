//! The log in PostgreSQL: one call of the function `append` writes a whole batch.
//!
//! Every connection works in the role `jangteo_app`, which can read and call that function but
//! neither change nor delete an event; a log that is only read, in `jangteo_reader`, which can do no
//! more than that.

mod append;
mod forget;
mod lookups;
mod migration;
mod read;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use self::append::Appender;
use self::lookups::Lookups;
use self::migration::MIGRATIONS;
pub use self::migration::{migrate, raise_epoch};
use super::bounds::{check_filter, check_limit, check_positions};
use super::failure::{Refused, unavailable};
use super::group::Group;
use super::growth::Growth;
use super::seal::check_intent;
use super::{Answer, Appended, Error, EventLog, Filter, Head, Intent, Page, Unit};
use crate::postgres::{self, Connections, Login, Needs};
use crate::world::World;

const APPLICATION: &str = "jangteo event log";
const WAIT_MAX: Duration = Duration::from_millis(250);
const WRITER: Login = Login {
    application: APPLICATION,
    role: "jangteo_app",
    wait_max: WAIT_MAX,
    needs: Needs {
        tables: &["head", "streams", "events", "commands"],
        functions: &["append", "settle", "position_at", "forget_keys"],
    },
};
const READER: Login = Login {
    application: APPLICATION,
    role: "jangteo_reader",
    wait_max: WAIT_MAX,
    needs: Needs { tables: &["head", "streams", "events"], functions: &["settle", "position_at"] },
};
/// While one call commits, the next full batch may already lock its streams.
const FLIGHTS_MAX: usize = 2;

/// The log in a database of its own.
#[derive(Debug)]
pub struct PostgresLog {
    connections: Connections,
    growth: Growth,
    /// `None` where the log was opened for reading only.
    appends: Option<Appends>,
}

#[derive(Debug)]
struct Appends {
    group: Group,
    lookups: Lookups,
}

impl PostgresLog {
    /// Connects and checks the server's settings and clock, the level of the tables, what the role
    /// may do and the head.
    ///
    /// TLS is as libpq has it, by `sslmode` (`disable`, `prefer`, `require`, `verify-ca`,
    /// `verify-full`) and `sslrootcert` (a file in PEM, or `system`). Without `sslmode` this machine is
    /// `prefer` and any other `verify-full`; without `sslrootcert` what the system trusts is trusted.
    ///
    /// # Errors
    /// [`Error::Configuration`] names every problem found; [`Error::Unavailable`] when the server
    /// does not answer.
    pub async fn open(url: &str, world: &World) -> Result<Self, Error> {
        let mut log = Self::connect(url, world, &WRITER).await?;
        let appender = Arc::new(Appender::new(log.connections.clone()));
        let group = Group::start(appender, FLIGHTS_MAX, log.growth.clone());
        let lookups = Lookups::start(log.connections.clone());
        log.appends = Some(Appends { group, lookups });
        Ok(log)
    }

    /// The same for a log that is read beside the process that writes it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_read_only(url: &str, world: &World) -> Result<Self, Error> {
        Self::connect(url, world, &READER).await
    }

    async fn connect(url: &str, world: &World, login: &'static Login) -> Result<Self, Error> {
        let connections = Connections::open(url, login)?;
        connections.check(&MIGRATIONS, world).await?;
        let head = read::head(&connections).await?;
        Ok(Self { connections, growth: Growth::new(head.position), appends: None })
    }

    fn appends(&self) -> Result<&Appends, Error> {
        self.appends.as_ref().ok_or_else(|| unavailable(Refused("the log was opened for reading")))
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        match error {
            postgres::Error::Configuration(what) => Self::Configuration(what),
            postgres::Error::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

fn failed(error: tokio_postgres::Error) -> Error {
    unavailable(error)
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(&self, unit: Unit) -> Result<Appended, Error> {
        self.appends()?.group.append(unit).await
    }

    async fn answer(&self, intent: &Intent) -> Result<Option<Answer>, Error> {
        check_intent(intent)?;
        self.appends()?.lookups.answer(intent).await
    }

    async fn forget_keys(&self) -> Result<u64, Error> {
        self.appends()?;
        forget::forget_keys(&self.connections).await
    }

    async fn read_stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Page<Version>, Error> {
        check_limit(limit)?;
        read::stream(&self.connections, stream, after, limit).await
    }

    async fn read(
        &self,
        after: Position,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<Position>, Error> {
        check_filter(filter)?;
        check_limit(limit)?;
        read::log(&self.connections, after, filter, limit).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<Recorded<Payload>>, Error> {
        read::at(&self.connections, check_positions(positions)?).await
    }

    async fn head(&self) -> Result<Head, Error> {
        let head = read::head(&self.connections).await?;
        self.growth.reached(head.position);
        Ok(head)
    }

    async fn position_at(&self, at: Timestamp) -> Result<Position, Error> {
        if !read::settle(&self.connections, at).await? {
            return Err(Error::Invalid("the instant is not settled yet"));
        }
        read::position_at(&self.connections, at).await
    }

    async fn wait_beyond(&self, position: Position) {
        self.growth.wait_beyond(position).await;
    }

    fn measure(&self) {
        self.connections.measure("event_log");
    }

    async fn close(&self) {
        if let Some(appends) = &self.appends {
            appends.group.close().await;
        }
        self.connections.close();
    }
}

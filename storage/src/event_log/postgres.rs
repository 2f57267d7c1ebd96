//! The log in PostgreSQL: one call of the function `append` writes a whole batch.
//!
//! Every connection works in the role `jangteo_app`, which can read and call that function but
//! neither change nor delete an event.

mod append;
mod connection;
mod forget;
mod lookups;
mod migration;
mod pool;
mod read;
mod value;

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use self::append::Appender;
pub(crate) use self::connection::Connections;
use self::lookups::Lookups;
pub use self::migration::{migrate, raise_epoch};
use super::bounds::{check_filter, check_limit, check_positions};
use super::group::Group;
use super::growth::Growth;
use super::seal::check_intent;
use super::{Answer, Appended, Error, EventLog, Filter, Head, Intent, Page, Unit};

/// While one call commits, the next full batch may already lock its streams.
const FLIGHTS_MAX: usize = 2;

/// The log in a database of its own.
#[derive(Debug)]
pub struct PostgresLog {
    connections: Connections,
    group: Group,
    lookups: Lookups,
    growth: Growth,
}

impl PostgresLog {
    /// Connects and checks the server's settings, the level of the tables and the head.
    ///
    /// # Errors
    /// [`Error::Configuration`] names every problem found; [`Error::Unavailable`] when the server
    /// does not answer.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let connections = Connections::open(url)?;
        connections.check().await?;
        let head = read::head(&connections).await?;
        let growth = Growth::new(head.position);
        let appender = Arc::new(Appender::new(connections.clone()));
        let group = Group::start(appender, FLIGHTS_MAX, growth.clone());
        let lookups = Lookups::start(connections.clone());
        Ok(Self { connections, group, lookups, growth })
    }
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(&self, unit: Unit) -> Result<Appended, Error> {
        self.group.append(unit).await
    }

    async fn answer(&self, intent: &Intent) -> Result<Option<Answer>, Error> {
        check_intent(intent)?;
        self.lookups.answer(intent).await
    }

    async fn forget_keys(&self) -> Result<u64, Error> {
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
        self.group.close().await;
        self.connections.close();
    }
}

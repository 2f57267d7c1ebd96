//! Leases in the event log's database, by its clock.

use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::Position;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Error, Lease, Leases};
use crate::postgres::{self, Connections, Login, Needs};

/// May hold leases and do nothing else.
const LOGIN: Login = Login {
    application: "jangteo leases",
    role: "jangteo_leases",
    wait_max: Duration::from_secs(1),
    needs: Needs {
        tables: &[],
        functions: &["hold_leases", "release_leases", "note_progress", "lease_holders"],
    },
};

/// The adapter.
#[derive(Debug)]
pub struct PostgresLeases {
    connections: Connections,
    life_seconds: f64,
}

impl PostgresLeases {
    /// Connects with the first call.
    ///
    /// # Errors
    /// [`Error::Configuration`] where the URL does not read.
    pub fn open(url: &str, life: Duration) -> Result<Self, Error> {
        Ok(Self { connections: Connections::open(url, &LOGIN)?, life_seconds: life.as_secs_f64() })
    }

    async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        Ok(self.connections.query(sql, values).await?)
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        match error {
            postgres::Error::Configuration(why) => Self::Configuration(why),
            postgres::Error::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unavailable(error.into())
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[async_trait]
impl Leases for PostgresLeases {
    async fn hold(&self, holder: &str, names: &[String]) -> Result<Vec<Lease>, Error> {
        let values: [&(dyn ToSql + Sync); 3] = [&holder, &names, &self.life_seconds];
        let rows = self.query(include_str!("postgres/hold.sql"), &values).await?;
        let lease = |row: &Row| {
            let token: i64 = row.try_get(1).map_err(unavailable)?;
            let position: i64 = row.try_get(2).map_err(unavailable)?;
            Ok(Lease {
                name: row.try_get(0).map_err(unavailable)?,
                token: token.unsigned_abs(),
                position: Position(position.unsigned_abs()),
            })
        };
        rows.iter().map(lease).collect()
    }

    async fn release(&self, holder: &str, names: &[String]) -> Result<(), Error> {
        self.query(include_str!("postgres/release.sql"), &[&holder, &names]).await.map(drop)
    }

    async fn note(&self, lease: &Lease, position: Position) -> Result<bool, Error> {
        let (token, position) = (stored(lease.token), stored(position.0));
        let values: [&(dyn ToSql + Sync); 3] = [&lease.name, &token, &position];
        let rows = self.query(include_str!("postgres/note.sql"), &values).await?;
        rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(unavailable))
    }

    async fn holders(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let rows = self.query(include_str!("postgres/holders.sql"), &[&prefix]).await?;
        let pair = |row: &Row| {
            Ok((row.try_get(0).map_err(unavailable)?, row.try_get(1).map_err(unavailable)?))
        };
        rows.iter().map(pair).collect()
    }

    fn measure(&self) {
        self.connections.measure("leases");
    }
}

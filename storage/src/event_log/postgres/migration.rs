//! What an operator does, as the owner of the tables: migrations, and a new epoch.

use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, GenericClient, NoTls};
use tokio_util::task::TaskTracker;

use super::connection::configure;
use super::value::failed;
use crate::event_log::Error;
use crate::event_log::columns::corrupt;

/// Only ever appended to.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/postgres/0001_event_log.sql"),
    include_str!("../../../migrations/postgres/0002_append.sql"),
    include_str!("../../../migrations/postgres/0003_forget_keys.sql"),
    include_str!("../../../migrations/postgres/0004_leases.sql"),
];
const SETTINGS: &str = "-c lock_timeout=30s -c search_path=public";
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

struct Operator {
    client: Client,
    connection: JoinHandle<()>,
}

impl Operator {
    async fn connect(url: &str) -> Result<Self, Error> {
        let (client, connection) =
            configure(url, SETTINGS)?.connect(NoTls).await.map_err(|error| {
                match error.as_db_error() {
                    Some(answer) => Error::Configuration(answer.message().to_owned()),
                    None => failed(error),
                }
            })?;
        let connection = TaskTracker::new().spawn(async move {
            // What breaks the connection also fails the call that waits for it.
            let _ = connection.await;
        });
        Ok(Self { client, connection })
    }

    async fn disconnect(self) {
        drop(self.client);
        // The server has all it needs; a late good-bye is no failure.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.connection).await;
    }
}

/// The number of the last migration that was applied.
pub(super) async fn level(client: &impl GenericClient) -> Result<i32, Error> {
    let known = client.query_one(include_str!("migration/is_migrated.sql"), &[]).await;
    if !known.map_err(failed)?.get::<_, bool>(0) {
        return Ok(0);
    }
    let last = client.query_one(include_str!("migration/select_level.sql"), &[]).await;
    Ok(last.map_err(failed)?.get(0))
}

/// Why the log cannot be used at this level.
pub(super) fn problem(level: i32) -> Option<String> {
    let level = usize::try_from(level).unwrap_or(0);
    let expected = MIGRATIONS.len();
    (level != expected).then(|| {
        let advice = if level < expected { "run `jangteo migrate`" } else { "use a newer program" };
        format!("the tables are at level {level}, this program needs {expected}: {advice}")
    })
}

/// Applies the migrations that are missing, all or none. Safe to run from several places at once.
///
/// # Errors
/// [`Error::Configuration`] when the user may not, or the tables are newer than this program.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let mut operator = Operator::connect(url).await?;
    let result = apply(&mut operator.client).await;
    operator.disconnect().await;
    result
}

async fn apply(client: &mut Client) -> Result<(), Error> {
    let cannot = |error: tokio_postgres::Error| match error.as_db_error() {
        Some(answer) => Error::Configuration(format!("migration failed: {}", answer.message())),
        None => failed(error),
    };
    let transaction = client.transaction().await.map_err(cannot)?;
    transaction.batch_execute(include_str!("migration/begin.sql")).await.map_err(cannot)?;
    let done = level(&transaction).await?;
    let done = usize::try_from(done).unwrap_or(0);
    if done > MIGRATIONS.len() {
        return Err(Error::Configuration(format!("the tables are at level {done}, too new")));
    }
    for (migration, number) in MIGRATIONS.iter().zip(1_i32..).skip(done) {
        transaction.batch_execute(migration).await.map_err(cannot)?;
        let record = include_str!("migration/insert_level.sql");
        transaction.execute(record, &[&number]).await.map_err(cannot)?;
    }
    transaction.commit().await.map_err(cannot)
}

/// Begins a new epoch, after the log was restored or has failed over.
///
/// # Errors
/// [`Error::Corrupt`] when the head is not where the events end.
pub async fn raise_epoch(url: &str) -> Result<Epoch, Error> {
    let mut operator = Operator::connect(url).await?;
    let result = raise(&mut operator.client).await;
    operator.disconnect().await;
    result
}

async fn raise(client: &mut Client) -> Result<Epoch, Error> {
    let transaction = client.transaction().await.map_err(failed)?;
    let head = transaction.query_one(include_str!("migration/raise_epoch.sql"), &[]).await;
    let head = head.map_err(failed)?;
    let (epoch, position): (i32, i64) = (head.get(0), head.get(1));
    let last = transaction.query_one(include_str!("migration/select_last_position.sql"), &[]).await;
    let last: i64 = last.map_err(failed)?.get(0);
    if last != position {
        let what = format!("the head stands at {position}");
        return Err(Error::Corrupt { position: Position(last.unsigned_abs()), what });
    }
    transaction.commit().await.map_err(failed)?;
    u32::try_from(epoch).map(Epoch).map_err(|_| corrupt(position, "epoch is negative"))
}

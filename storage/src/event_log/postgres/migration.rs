//! What an operator does, as the owner of the tables: migrations, and a new epoch.

use events_schema::envelope::{Epoch, Position};
use tokio_postgres::Client;

use super::{APPLICATION, failed};
use crate::event_log::Error;
use crate::event_log::columns::corrupt;
use crate::postgres::{Migrations, Operator};

pub(super) const MIGRATIONS: Migrations = Migrations {
    steps: &[
        include_str!("../../../migrations/postgres/0001_event_log.sql"),
        include_str!("../../../migrations/postgres/0002_append.sql"),
        include_str!("../../../migrations/postgres/0003_forget_keys.sql"),
        include_str!("../../../migrations/postgres/0004_leases.sql"),
        include_str!("../../../migrations/postgres/0005_settle.sql"),
    ],
    privileges: include_str!("../../../migrations/postgres/privileges.sql"),
};

/// Applies the migrations that are missing, all or none, and grants what each role may do. Safe to
/// run from several places at once.
///
/// # Errors
/// [`Error::Configuration`] when the user may not, or the tables are newer than this program.
pub async fn migrate(url: &str) -> Result<(), Error> {
    Ok(MIGRATIONS.apply(url, APPLICATION).await?)
}

/// Begins a new epoch, after the log was restored or has failed over.
///
/// # Errors
/// [`Error::Corrupt`] when the head is not where the events end.
pub async fn raise_epoch(url: &str) -> Result<Epoch, Error> {
    let mut operator = Operator::connect(url, APPLICATION).await?;
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

//! A batch as the arrays that the function `append` takes, and what it answers.

mod arrays;

use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use self::arrays::Arrays;
use super::failed;
use crate::event_log::failure::for_all;
use crate::event_log::group::{Flush, Outcome};
use crate::event_log::seal::Sealed;
use crate::event_log::{Appended, Error};
use crate::postgres::Connections;

/// A call is made again when a key was used before, or the server broke a circle of locks: both
/// have rolled it back.
const ATTEMPTS_MAX: u32 = 8;

#[derive(Debug)]
pub(super) struct Appender {
    connections: Connections,
}

impl Appender {
    pub(super) const fn new(connections: Connections) -> Self {
        Self { connections }
    }

    /// The outer error has not reached the server or got no answer; the inner one is its refusal.
    async fn call(
        &self,
        batch: &[&Sealed],
    ) -> Result<Result<Vec<Appended>, tokio_postgres::Error>, Error> {
        let arrays = Arrays::of(batch);
        // Whose key was used before has been told so already, as a rule: nobody looks again.
        let mut look_for_keys = false;
        for attempt in 1.. {
            let call = async |connection: &deadpool_postgres::Object| {
                let statement =
                    connection.prepare_cached(include_str!("append/append.sql")).await?;
                connection.query_one(&statement, &arrays.values(&look_for_keys)).await
            };
            match self.connections.run(call).await? {
                Ok(row) => return Ok(outcomes(&row, batch)),
                Err(error) if attempt < ATTEMPTS_MAX && may_go_better(&error) => {
                    look_for_keys = true;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Vec::new()))
    }
}

fn may_go_better(error: &tokio_postgres::Error) -> bool {
    let key_taken = error.as_db_error().is_some_and(|answer| {
        *answer.code() == SqlState::UNIQUE_VIOLATION && answer.table() == Some("commands")
    });
    key_taken || error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

fn outcomes(row: &Row, batch: &[&Sealed]) -> Result<Vec<Appended>, tokio_postgres::Error> {
    let repeated: Vec<i32> = row.try_get(0)?;
    let conflicts: Vec<i32> = row.try_get(1)?;
    // Absent where every unit was refused.
    let mut position = row.try_get::<_, Option<i64>>(2)?.unwrap_or(0).unsigned_abs();
    let outcome = |(unit, number): (&&Sealed, i32)| {
        if repeated.contains(&number) {
            return Appended::Repeated;
        }
        if conflicts.contains(&number) {
            return Appended::Conflict;
        }
        let positions = unit.positions(position);
        position = positions.last().map_or(position, |last| last.0);
        Appended::Done(positions)
    };
    Ok(batch.iter().zip(1..).map(outcome).collect())
}

/// Whether the server said of this very statement that it cannot be, and rolled it back: then one
/// unit is at fault and the others are not.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    let class = error.code().map(|code| code.code().get(..2).unwrap_or_default().to_owned());
    matches!(class.as_deref(), Some("21" | "22" | "23" | "54"))
}

#[async_trait]
impl Flush for Appender {
    async fn flush(&self, batch: Arc<[Sealed]>) -> Vec<Outcome> {
        let all: Vec<&Sealed> = batch.iter().collect();
        match self.call(&all).await {
            Ok(Ok(outcomes)) => return outcomes.into_iter().map(Ok).collect(),
            Ok(Err(error)) if !is_refusal(&error) => return for_all(failed(error), batch.len()),
            Ok(Err(_)) => (),
            Err(error) => return for_all(error, batch.len()),
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for unit in all {
            let outcome = match self.call(&[unit]).await {
                Ok(Ok(mut outcomes)) => outcomes.pop().ok_or(Error::Invalid("a unit is empty")),
                Ok(Err(error)) => Err(failed(error)),
                Err(error) => Err(error),
            };
            outcomes.push(outcome);
        }
        outcomes
    }
}

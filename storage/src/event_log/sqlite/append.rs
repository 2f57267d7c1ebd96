//! A batch in one transaction. The writer is alone, so that looking first is enough: what is refused
//! has written nothing.

use events_schema::envelope::{Epoch, Position};
use events_schema::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::connection::failed;
use super::read;
use crate::event_log::seal::{Sealed, SealedEvent};
use crate::event_log::{Appended, Error, Head};

pub(super) fn append(
    connection: &mut Connection,
    now: Timestamp,
    batch: &[Sealed],
) -> Result<Vec<Appended>, Error> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let mut head = read::head(&transaction)?;
    head.recorded_at = head.recorded_at.max(now);
    let outcomes = batch
        .iter()
        .map(|unit| append_unit(&transaction, &mut head, unit))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    if outcomes.iter().any(|outcome| matches!(outcome, Appended::Done(_))) {
        write_head(&transaction, head).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(outcomes)
}

fn write_head(transaction: &Transaction<'_>, head: Head) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(include_str!("append/move_head.sql"))?
        .execute(params![head.position.0, head.recorded_at.as_unix_micros()])
        .map(drop)
}

fn append_unit(
    transaction: &Transaction<'_>,
    head: &mut Head,
    unit: &Sealed,
) -> rusqlite::Result<Appended> {
    for command in &unit.commands {
        let used = transaction
            .prepare_cached(include_str!("append/select_key.sql"))?
            .exists(params![command.principal, command.intent.key])?;
        if used {
            return Ok(Appended::Repeated);
        }
    }
    let Some(ids) = held(transaction, unit)? else { return Ok(Appended::Conflict) };
    let streams = write_streams(transaction, unit, &ids)?;
    let positions = unit.positions(head.position.0);
    let recorded_at = head.recorded_at.as_unix_micros();
    for (command, position) in unit.commands.iter().zip(&positions) {
        for event in &command.events {
            head.position = head.position.next();
            write_event(transaction, *head, streams[event.stream], event)?;
        }
        let intent = &command.intent;
        transaction.prepare_cached(include_str!("append/insert_command.sql"))?.execute(params![
            command.principal,
            intent.key,
            intent.fingerprint,
            command.answer,
            position.0,
            recorded_at
        ])?;
    }
    Ok(Appended::Done(positions))
}

/// The id of each stream, `None` for a new one; nothing at all when a stream has moved on.
fn held(
    transaction: &Transaction<'_>,
    unit: &Sealed,
) -> rusqlite::Result<Option<Vec<Option<i64>>>> {
    let mut select = transaction.prepare_cached(include_str!("append/select_stream.sql"))?;
    let mut ids = Vec::with_capacity(unit.streams.len());
    for stream in &unit.streams {
        let row: Option<(i64, u64)> =
            select.query_row([&stream.name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if row.map_or(0, |(_, version)| version) != stream.expected {
            return Ok(None);
        }
        ids.push(row.map(|(id, _)| id));
    }
    Ok(Some(ids))
}

/// The id of each stream; 0 for one that is empty and stays so.
fn write_streams(
    transaction: &Transaction<'_>,
    unit: &Sealed,
    held: &[Option<i64>],
) -> rusqlite::Result<Vec<i64>> {
    let mut insert = transaction.prepare_cached(include_str!("append/insert_stream.sql"))?;
    let mut update = transaction.prepare_cached(include_str!("append/move_stream.sql"))?;
    let mut ids = Vec::with_capacity(held.len());
    for (stream, id) in unit.streams.iter().zip(held) {
        let version = stream.expected + u64::from(stream.events);
        ids.push(match (stream.events, id) {
            (0, id) => id.unwrap_or(0),
            (_, Some(id)) => {
                update.execute(params![id, version])?;
                *id
            }
            (_, None) => insert.insert(params![stream.name, version, stream.partition_key])?,
        });
    }
    Ok(ids)
}

fn write_event(
    transaction: &Transaction<'_>,
    head: Head,
    stream: i64,
    event: &SealedEvent,
) -> rusqlite::Result<()> {
    let meta = &event.new.meta;
    transaction
        .prepare_cached(include_str!("append/insert_event.sql"))?
        .execute(params![
            head.position.0,
            head.epoch.0,
            head.recorded_at.as_unix_micros(),
            stream,
            meta.version.0,
            meta.event_id.as_uuid().as_bytes(),
            meta.event_type,
            meta.schema_version,
            meta.occurred_at.as_unix_micros(),
            meta.actor.to_string(),
            meta.on_behalf_of.map(|person| *person.as_uuid().as_bytes()),
            meta.origin.as_str(),
            meta.command_id.as_uuid().as_bytes(),
            meta.correlation_id.as_uuid().as_bytes(),
            meta.causation_id.map(|cause| cause.to_string()),
            meta.trace_context,
            event.hash.0,
            event.new.payload,
        ])
        .map(drop)
}

/// Sees to it that no later event is recorded at `at` or before. False for an instant that is more
/// than a second ahead of the clock.
pub(super) fn settle(
    connection: &mut Connection,
    now: Timestamp,
    at: Timestamp,
) -> rusqlite::Result<bool> {
    if at > now.plus_seconds(1) {
        return Ok(false);
    }
    let later = at.as_unix_micros().saturating_add(1);
    connection.execute(include_str!("append/settle.sql"), [later])?;
    Ok(true)
}

pub(super) fn raise_epoch(connection: &mut Connection) -> Result<Epoch, Error> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let head = read::head(&transaction)?;
    let last: Option<u64> = transaction
        .query_row(include_str!("append/select_last_position.sql"), [], |row| row.get(0))
        .map_err(failed)?;
    if last.unwrap_or(0) != head.position.0 {
        let what = format!("the head stands at {}", head.position);
        return Err(Error::Corrupt { position: Position(last.unwrap_or(0)), what });
    }
    transaction.execute(include_str!("append/raise_epoch.sql"), []).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(Epoch(head.epoch.0.saturating_add(1)))
}

//! What is read from the file.

use events_schema::envelope::{Epoch, Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use uuid::Uuid;

use super::connection::failed;
use crate::event_log::bounds::{
    before, looked_at_until, prefix_end, stored, stored_version, whole_stream,
};
use crate::event_log::columns::{Columns, corrupt, require_all, require_dense, require_more};
use crate::event_log::page::payload_bytes;
use crate::event_log::{Answer, Error, Filter, Head, Intent, PAGE_BYTES, Page};

const SELECT: &str = include_str!("read/select_events.sql");

pub(super) fn head(connection: &Connection) -> Result<Head, Error> {
    connection
        .prepare_cached(include_str!("read/select_head.sql"))
        .and_then(|mut select| {
            select.query_row([], |row| {
                Ok(Head {
                    epoch: Epoch(row.get(0)?),
                    position: Position(row.get(1)?),
                    recorded_at: Timestamp::from_unix_micros(row.get(2)?),
                })
            })
        })
        .map_err(failed)
}

pub(super) fn answer(connection: &Connection, intent: &Intent) -> Result<Option<Answer>, Error> {
    let row: Option<(Vec<u8>, Answer)> = connection
        .prepare_cached(include_str!("read/select_answer.sql"))
        .and_then(|mut select| {
            select
                .query_row(params![intent.principal.text(), intent.key], |row| {
                    let position = Position(row.get(2)?);
                    Ok((row.get(0)?, Answer { body: row.get(1)?, position }))
                })
                .optional()
        })
        .map_err(failed)?;
    match row {
        None => Ok(None),
        Some((fingerprint, answer)) if fingerprint == intent.fingerprint => Ok(Some(answer)),
        Some(_) => Err(Error::KeyReused),
    }
}

fn events(
    connection: &Connection,
    clauses: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<Recorded<Payload>>, Error> {
    let select = SELECT.replace("{clauses}", clauses);
    let mut select = connection.prepare_cached(&select).map_err(failed)?;
    let mut rows = select.query(values).map_err(failed)?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = rows.next().map_err(failed)?
    {
        let position = row.get(0).map_err(failed)?;
        let columns =
            columns(row, position).map_err(|error| corrupt(position, error.to_string()))?;
        bytes += columns.payload.len();
        events.push(columns.parse()?);
    }
    Ok(events)
}

fn columns(row: &Row<'_>, position: i64) -> rusqlite::Result<Columns> {
    Ok(Columns {
        position,
        epoch: row.get(1)?,
        recorded_at: Timestamp::from_unix_micros(row.get(2)?),
        stream: row.get(3)?,
        partition_key: row.get(4)?,
        version: row.get(5)?,
        event_id: Uuid::from_bytes(row.get(6)?),
        event_type: row.get(7)?,
        schema_version: row.get(8)?,
        occurred_at: Timestamp::from_unix_micros(row.get(9)?),
        actor: row.get(10)?,
        on_behalf_of: row.get::<_, Option<[u8; 16]>>(11)?.map(Uuid::from_bytes),
        origin: row.get(12)?,
        command_id: Uuid::from_bytes(row.get(13)?),
        correlation_id: Uuid::from_bytes(row.get(14)?),
        causation_id: row.get(15)?,
        trace_context: row.get(16)?,
        content_hash: row.get(17)?,
        payload: row.get(18)?,
    })
}

pub(super) fn stream(
    connection: &Connection,
    stream: StreamId,
    after: Version,
    limit: usize,
) -> Result<Page<Version>, Error> {
    let values: [&dyn ToSql; 3] = [&stream.to_string(), &stored_version(after), &limit];
    let found = events(connection, include_str!("read/of_stream.sql"), &values)?;
    Ok(Page::of_stream(found, limit))
}

pub(super) fn at(
    connection: &Connection,
    positions: &[Position],
) -> Result<Vec<Recorded<Payload>>, Error> {
    let (mut found, mut bytes) = (Vec::with_capacity(positions.len()), 0);
    for position in positions {
        if bytes >= PAGE_BYTES {
            break;
        }
        let mut at =
            events(connection, include_str!("read/at_position.sql"), &[&stored(position.0)])?;
        bytes += payload_bytes(&at);
        found.append(&mut at);
    }
    require_all(positions, &found)?;
    Ok(found)
}

/// The events that pass, all read from one state of the file.
pub(super) fn log(
    connection: &Connection,
    after: Position,
    filter: &Filter,
    limit: usize,
) -> Result<Page<Position>, Error> {
    let snapshot = connection.unchecked_transaction().map_err(failed)?;
    if *filter == Filter::default() {
        let clauses = include_str!("read/after.sql");
        let events = events(&snapshot, clauses, &[&stored(after.0), &limit])?;
        require_dense(after, &events)?;
        if events.is_empty() && after < head(&snapshot)?.position {
            require_more(after, &events)?;
        }
        return Ok(Page::of_log(events));
    }
    let mut first = after;
    let mut end = head(&snapshot)?.position;
    if let Some(from) = filter.recorded_from {
        first = first.max(Position(position_at(&snapshot, before(from))?));
    }
    if let Some(until) = filter.recorded_until {
        end = end.min(Position(position_at(&snapshot, before(until))?));
    }
    let to = looked_at_until(filter, first, end);
    let (clauses, values) = clauses(filter, first, to, limit);
    let values: Vec<_> = values.iter().map(|value| -> &dyn ToSql { value }).collect();
    Ok(Page::filtered(events(&snapshot, &clauses, &values)?, limit, (to, end)))
}

fn clauses(filter: &Filter, after: Position, to: Position, limit: usize) -> (String, Vec<Value>) {
    let mut filters = String::new();
    let mut values = vec![Value::from(stored(after.0)), Value::from(stored(to.0))];
    if !filter.event_types.is_empty() {
        let marks = vec!["?"; filter.event_types.len()].join(", ");
        filters.push_str(&format!(" AND e.event_type IN ({marks})"));
        values.extend(filter.event_types.iter().cloned().map(Value::from));
    }
    if let Some(correlation_id) = filter.correlation_id {
        filters.push_str(" AND e.correlation_id = ?");
        values.push(Value::from(correlation_id.as_uuid().as_bytes().to_vec()));
    }
    match (whole_stream(filter), &filter.stream_prefix) {
        (Some(stream), _) => {
            filters.push_str(" AND e.stream = (SELECT id FROM streams WHERE name = ?)");
            values.push(Value::from(stream.to_string()));
        }
        (None, Some(prefix)) => {
            filters.push_str(" AND s.name >= ? AND s.name < ?");
            values.extend([Value::from(prefix.clone()), Value::from(prefix_end(prefix))]);
        }
        (None, None) => (),
    }
    values.push(Value::from(stored(u64::try_from(limit).unwrap_or(0))));
    (include_str!("read/passing.sql").replace("{filters}", &filters), values)
}

/// The last position with `recorded_at` ≤ `at`: positions are dense and `recorded_at` never falls
/// with them, so that halving finds it without an index.
pub(super) fn position_at(connection: &Connection, at: Timestamp) -> Result<u64, Error> {
    let mut select =
        connection.prepare_cached(include_str!("read/select_recorded_at.sql")).map_err(failed)?;
    let (mut low, mut high) = (0, head(connection)?.position.0);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let recorded_at: Option<i64> =
            select.query_row([middle], |row| row.get(0)).optional().map_err(failed)?;
        let recorded_at = recorded_at.ok_or_else(|| corrupt(stored(middle), "a hole"))?;
        if recorded_at <= at.as_unix_micros() { low = middle } else { high = middle - 1 }
    }
    Ok(low)
}

//! What is read from the server.

use events_schema::envelope::{Epoch, Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::failed;
use crate::event_log::bounds::{
    before, looked_at_until, prefix_end, stored, stored_version, whole_stream,
};
use crate::event_log::columns::{Columns, corrupt, require_all, require_dense, require_more};
use crate::event_log::{Error, Filter, Head, PAGE_BYTES, Page};
use crate::postgres::{Connections, Instant};

const SELECT: &str = include_str!("read/select_events.sql");

type Values<'a> = [&'a (dyn ToSql + Sync)];

/// A statement that answers with a row, which would only be missing with the head.
pub(super) async fn one(
    connections: &Connections,
    sql: &str,
    values: &Values<'_>,
) -> Result<Row, Error> {
    let mut rows = connections.query(sql, values).await?;
    rows.pop().ok_or_else(|| corrupt(0, "the head is missing"))
}

pub(super) fn position(stored: i64) -> Position {
    Position(stored.unsigned_abs())
}

pub(super) async fn head(connections: &Connections) -> Result<Head, Error> {
    let row = one(connections, include_str!("read/select_head.sql"), &[]).await?;
    let epoch: i32 = row.try_get(0).map_err(failed)?;
    Ok(Head {
        epoch: Epoch(epoch.unsigned_abs()),
        position: position(row.try_get(1).map_err(failed)?),
        recorded_at: row.try_get::<_, Instant>(2).map_err(failed)?.0,
    })
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

async fn events(
    connections: &Connections,
    clauses: &str,
    values: &Values<'_>,
) -> Result<Vec<Recorded<Payload>>, Error> {
    let room = rows(PAGE_BYTES);
    let mut all: Vec<&(dyn ToSql + Sync)> = vec![&room];
    all.extend(values);
    let rows = connections.query(&SELECT.replace("{clauses}", clauses), &all).await?;
    rows.iter()
        .map(|row| {
            let position = row.try_get(0).map_err(failed)?;
            columns(row, position).map_err(|error| corrupt(position, error.to_string()))?.parse()
        })
        .collect()
}

fn columns(row: &Row, position: i64) -> Result<Columns, tokio_postgres::Error> {
    Ok(Columns {
        position,
        epoch: row.try_get::<_, i32>(1)?.into(),
        recorded_at: row.try_get::<_, Instant>(2)?.0,
        stream: row.try_get(3)?,
        partition_key: row.try_get(4)?,
        version: row.try_get(5)?,
        event_id: row.try_get(6)?,
        event_type: row.try_get(7)?,
        schema_version: row.try_get::<_, i32>(8)?.into(),
        occurred_at: row.try_get::<_, Instant>(9)?.0,
        actor: row.try_get(10)?,
        on_behalf_of: row.try_get(11)?,
        origin: row.try_get(12)?,
        command_id: row.try_get(13)?,
        correlation_id: row.try_get(14)?,
        causation_id: row.try_get(15)?,
        trace_context: row.try_get(16)?,
        content_hash: row.try_get(17)?,
        payload: row.try_get(18)?,
    })
}

pub(super) async fn stream(
    connections: &Connections,
    stream: StreamId,
    after: Version,
    limit: usize,
) -> Result<Page<Version>, Error> {
    let (after, rows) = (stored_version(after), rows(limit));
    let clauses = include_str!("read/of_stream.sql");
    let found = events(connections, clauses, &[&stream.to_string(), &after, &rows]).await?;
    Ok(Page::of_stream(found, limit))
}

pub(super) async fn at(
    connections: &Connections,
    positions: &[Position],
) -> Result<Vec<Recorded<Payload>>, Error> {
    let wanted: Vec<i64> = positions.iter().map(|position| stored(position.0)).collect();
    let found = events(connections, include_str!("read/at_positions.sql"), &[&wanted]).await?;
    require_all(positions, &found)?;
    Ok(found)
}

pub(super) async fn log(
    connections: &Connections,
    after: Position,
    filter: &Filter,
    limit: usize,
) -> Result<Page<Position>, Error> {
    if *filter == Filter::default() {
        let limit = u64::try_from(limit).unwrap_or(0);
        let to = stored(after.0.saturating_add(limit));
        let clauses = include_str!("read/between.sql");
        let found = events(connections, clauses, &[&stored(after.0), &to]).await?;
        require_dense(after, &found)?;
        if found.is_empty() && after < head(connections).await?.position {
            // A hole may be as long as a page, or as the rest of the log.
            let clauses = include_str!("read/next_after.sql");
            let next = events(connections, clauses, &[&stored(after.0)]).await?;
            require_dense(after, &next)?;
            require_more(after, &next)?;
        }
        return Ok(Page::of_log(found));
    }
    let mut first = after;
    let mut end = head(connections).await?.position;
    if let Some(from) = filter.recorded_from {
        first = first.max(position_at(connections, before(from)).await?);
    }
    if let Some(until) = filter.recorded_until {
        end = end.min(position_at(connections, before(until)).await?);
    }
    let to = looked_at_until(filter, first, end);
    let found = filtered(connections, filter, (first, to), limit).await?;
    Ok(Page::filtered(found, limit, (to, end)))
}

async fn filtered(
    connections: &Connections,
    filter: &Filter,
    (after, to): (Position, Position),
    limit: usize,
) -> Result<Vec<Recorded<Payload>>, Error> {
    let (after, to, limit) = (stored(after.0), stored(to.0), rows(limit));
    let correlation_id = filter.correlation_id.map(|id| id.as_uuid());
    let stream = whole_stream(filter).map(|stream| stream.to_string());
    let prefix = filter.stream_prefix.clone().unwrap_or_default();
    let end = prefix_end(&prefix);
    let mut filters = String::new();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&after, &to, &limit];
    // $1 is the page's bound.
    let mut push = |filter: &str, value| {
        values.push(value);
        filters.push_str(&filter.replace('?', &format!("${}", values.len() + 1)));
    };
    if !filter.event_types.is_empty() {
        push(" AND e.event_type = ANY (?)", &filter.event_types);
    }
    if correlation_id.is_some() {
        push(" AND e.correlation_id = ?", &correlation_id);
    }
    if stream.is_some() {
        push(" AND e.stream = (SELECT id FROM streams WHERE name = ?)", &stream);
    } else if filter.stream_prefix.is_some() {
        push(" AND s.name >= ?", &prefix);
        push(" AND s.name < ?", &end);
    }
    let clauses = include_str!("read/passing.sql").replace("{filters}", &filters);
    events(connections, &clauses, &values).await
}

pub(super) async fn position_at(
    connections: &Connections,
    at: Timestamp,
) -> Result<Position, Error> {
    let row = one(connections, include_str!("read/position_at.sql"), &[&Instant(at)]).await?;
    Ok(position(row.try_get(0).map_err(failed)?))
}

/// Whether no later event can be recorded at `at` or before.
pub(super) async fn settle(connections: &Connections, at: Timestamp) -> Result<bool, Error> {
    let row = one(connections, include_str!("read/settle.sql"), &[&Instant(at)]).await?;
    row.try_get(0).map_err(failed)
}

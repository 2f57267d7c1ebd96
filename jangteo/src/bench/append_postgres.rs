//! Appends to PostgreSQL by 64 and by 512 callers, beside COPY of the same rows and beside the
//! one-row INSERT of 32 clients.

use std::fs;
use std::path::Path;
use std::time::Duration;

use events_schema::envelope::Position;
use storage::event_log;

use super::callers::closed_loop;
use super::figure::{Figure, Floor, Goal, number};
use super::postgres::{Database, Server};
use super::{Bench, append};

/// What the floors write into: tables and indexes like the log's own.
const FLOOR_TABLES: &str = "
    CREATE TABLE floor_events (LIKE events INCLUDING ALL);
    CREATE TABLE floor_commands (LIKE commands INCLUDING ALL);
    CREATE SEQUENCE floor_position";

/// One event in one transaction, as large as those that are appended.
const INSERT: &str = "
INSERT INTO floor_events (position, stream, version, occurred_at, recorded_at, epoch,
    schema_version, event_id, command_id, correlation_id, on_behalf_of, event_type, actor, origin,
    causation_id, trace_context, content_hash, payload)
VALUES (nextval('floor_position'), :client_id, currval('floor_position'), now(), now(), 1, 1,
    gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), NULL, 'inventory.reserved',
    'per_01h455vb4pex5vsknk084sn02q:buyer', 'http', NULL, NULL,
    '\\x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    convert_to('{\"listing_id\":\"lst_01h455vb4pex5vsknk084sn02q\",\"order_id\":\
\"ord_01h455vb4pex5vsknk084sn02q\",\"lines\":[{\"quantity\":1}]}', 'UTF8'));
";

pub(super) async fn figures(bench: &Bench, server: &Server) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let mut figures = vec![];
    for (callers, of_copy, of_insert) in [(64, 0.5, 2.0), (512, 0.7, 3.0)] {
        let database = server.database(&bench.world).await?;
        let (after, appended) = appended(bench, &database, callers).await?;
        database.sql(FLOOR_TABLES).await?;
        let copied = copied(&database, folder.path(), after).await?;
        let inserted = inserted(&database, folder.path(), bench.time).await?;
        let copy = Goal::Times(of_copy, Floor { name: "COPY of the same rows", value: copied });
        let name = format!("append, PostgreSQL, {callers} callers");
        figures.push(Figure::new(name.clone(), appended, "commands/s", copy));
        let insert = Goal::Times(of_insert, insert_floor(inserted));
        figures.push(Figure::new(name, appended, "commands/s", insert));
    }
    Ok(figures)
}

pub(super) const fn insert_floor(value: f64) -> Floor {
    Floor { name: "pgbench's one-row INSERT", value }
}

/// Commands a second; after which position they stand.
async fn appended(
    bench: &Bench,
    database: &Database,
    callers: u32,
) -> anyhow::Result<(Position, f64)> {
    let log = event_log::open(&database.url, bench.world.clone()).await?;
    let writers = append::writers(&log, &bench.world, callers).await?;
    let after = log.head().await?.position;
    database.settle().await?;
    let tally = closed_loop(writers, bench.time).await?;
    log.close().await;
    Ok((after, tally.per_second()))
}

/// COPY of the rows that were appended, into tables like theirs, in the transactions that the log
/// made of them: commands a second. All rows of one call have the same instant.
async fn copied(database: &Database, folder: &Path, after: Position) -> anyhow::Result<f64> {
    let rows = async |table: &str| {
        let rows = format!("SELECT * FROM {table} WHERE position > {after} ORDER BY position");
        database.sql(&format!("COPY ({rows}) TO STDOUT")).await
    };
    let (events, commands) = (rows("events").await?, rows("commands").await?);
    let calls = format!(
        "SELECT count(*) FROM commands WHERE position > {after} GROUP BY recorded_at
         ORDER BY min(position)"
    );
    let (mut events, mut commands) = (events.lines(), commands.lines());
    let (mut script, mut count) = (String::new(), 0);
    for call in database.sql(&calls).await?.lines() {
        let call = call.parse()?;
        script.push_str("BEGIN;\n");
        copy_some(&mut script, "floor_events", events.by_ref().take(call));
        copy_some(&mut script, "floor_commands", commands.by_ref().take(call));
        script.push_str("COMMIT;\n");
        count += call;
    }
    let file = folder.join("copy.sql");
    fs::write(&file, script)?;
    let elapsed = database.script(&file).await?;
    database.sql("TRUNCATE floor_events, floor_commands").await?;
    Ok(number(u64::try_from(count)?) / elapsed.as_secs_f64())
}

fn copy_some<'a>(script: &mut String, table: &str, rows: impl Iterator<Item = &'a str>) {
    script.push_str(&format!("COPY {table} FROM STDIN;\n"));
    for row in rows {
        script.push_str(row);
        script.push('\n');
    }
    script.push_str("\\.\n");
}

/// One-row INSERTs a second by 32 clients. The floor's tables are there.
async fn inserted(database: &Database, folder: &Path, time: Duration) -> anyhow::Result<f64> {
    database.pgbench(folder, INSERT, time).await
}

/// The same, in a database of its own.
pub(super) async fn insert_rate(bench: &Bench, server: &Server) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let database = server.database(&bench.world).await?;
    database.sql(FLOOR_TABLES).await?;
    let rate = inserted(&database, folder.path(), bench.time).await?;
    Ok(rate)
}

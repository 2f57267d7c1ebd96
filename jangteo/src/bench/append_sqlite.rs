//! Appends to SQLite by 64 callers, beside SQLite's own insert of the same rows from another file, in
//! transactions of the same sizes, synced the same way.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use events_schema::envelope::Position;
use rusqlite::{Connection, params};
use storage::event_log;

use super::callers::closed_loop;
use super::figure::{Figure, Floor, Goal, number};
use super::{Bench, append};

const CALLERS: u32 = 64;

/// The settings that the log's own connection has.
const SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;";

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let (appended, floor) = (folder.path().join("log.db"), folder.path().join("floor.db"));
    let urls = [&appended, &floor].map(|path| format!("sqlite:{}", path.display()));
    for url in &urls {
        event_log::migrate(url).await?;
    }
    let log = event_log::open(&urls[0], bench.world.clone()).await?;
    let writers = append::writers(&log, &bench.world, CALLERS).await?;
    let after = log.head().await?.position;
    let tally = closed_loop(writers, bench.time).await?;
    log.close().await;
    drop(log);
    let copied = tokio::task::spawn_blocking(move || copied(&appended, &floor, after)).await??;
    let rate = number(copied.commands) / copied.elapsed.as_secs_f64();
    let goal = Goal::Times(0.5, Floor { name: "SQLite's own insert", value: rate });
    let batch = number(copied.commands) / number(copied.transactions);
    Ok(vec![
        Figure::new("append, SQLite, 64 callers", tally.per_second(), "commands/s", goal),
        Figure::new("append, SQLite, commands a transaction", batch, "commands", Goal::None),
    ])
}

struct Copied {
    commands: u64,
    transactions: u64,
    elapsed: Duration,
}

/// Writes the log's rows into an empty file of the same tables. All rows of one append have the same
/// instant, so that each transaction can be told.
fn copied(from: &Path, into: &PathBuf, after: Position) -> anyhow::Result<Copied> {
    let connection = Connection::open(into)?;
    connection.execute_batch(SETTINGS)?;
    connection.execute("ATTACH ?1 AS source", [from.to_string_lossy()])?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         CREATE TEMP TABLE rows (position INTEGER PRIMARY KEY, principal, key, fingerprint, answer,
             recorded_at);
         INSERT INTO rows SELECT position, principal, key, fingerprint, answer, recorded_at
             FROM source.commands ORDER BY position;",
    )?;
    let batches = connection
        .prepare(
            "SELECT min(position), max(position), count(*) FROM temp.rows WHERE position > ?1
             GROUP BY recorded_at ORDER BY 1",
        )?
        .query_map([after.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<(u64, u64, u64)>, _>>()?;
    let mut commands = connection.prepare(
        "INSERT INTO main.commands (principal, key, fingerprint, answer, position, recorded_at)
         SELECT principal, key, fingerprint, answer, position, recorded_at FROM temp.rows
         WHERE position BETWEEN ?1 AND ?2",
    )?;
    let mut events = connection.prepare(
        "INSERT INTO main.events SELECT * FROM source.events WHERE position BETWEEN ?1 AND ?2",
    )?;
    let started = Instant::now();
    for (first, last, _) in &batches {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        commands.execute(params![first, last])?;
        events.execute(params![first, last])?;
        connection.execute_batch("COMMIT")?;
    }
    let elapsed = started.elapsed();
    let commands = batches.iter().map(|(_, _, count)| count).sum();
    Ok(Copied { commands, transactions: u64::try_from(batches.len())?, elapsed })
}

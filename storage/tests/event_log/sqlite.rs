//! SQLite: a folder a test, and what only a file can suffer.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use events_schema::envelope::{Position, Version};
use storage::event_log::sqlite::SqliteLog;
use storage::event_log::{Error, EventLog, Filter, SharedLog};
use storage::world::World;
use tempfile::TempDir;

use crate::support::{self, a_stream, a_unit, all, assert_sound};

pub(crate) struct Store(TempDir);

impl Store {
    pub(crate) fn make() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("log")
    }
}

impl support::Store for Store {
    async fn open(&self) -> SharedLog {
        Arc::new(SqliteLog::open(self.path(), World::system()).await.unwrap())
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    async fn age_key(&self, key: &str, days: i32) {
        let file = rusqlite::Connection::open(self.path()).unwrap();
        let age = "UPDATE commands SET recorded_at = recorded_at - ?2 * 86400000000 WHERE key = ?1";
        assert_eq!(file.execute(age, rusqlite::params![key, days]).unwrap(), 1);
    }
}

#[tokio::test]
async fn a_second_writer_is_refused_and_a_reader_is_not() {
    let store = Store::make();
    let log = support::Store::open(&store).await;
    let second = SqliteLog::open(store.path(), World::system()).await;
    assert!(matches!(second, Err(Error::Configuration(why)) if why.contains("another process")));
    let reader = SqliteLog::open_read_only(store.path(), World::system()).await.unwrap();
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    assert_eq!(reader.head().await.unwrap().position, Position(1));
    let refused = reader.append(a_unit(a_stream(), 0, 1)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn events_are_neither_updated_nor_deleted_and_a_hole_is_told() {
    let store = Store::make();
    let log = support::Store::open(&store).await;
    log.append(a_unit(a_stream(), 0, 3)).await.unwrap();
    let file = rusqlite::Connection::open(store.path()).unwrap();
    assert!(file.execute("UPDATE events SET payload = x'00'", []).is_err());
    assert!(file.execute("DELETE FROM events", []).is_err());
    file.execute_batch(
        "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE position = 2",
    )
    .unwrap();
    let read = log.read(Position(0), &Filter::default(), 10).await;
    assert!(matches!(read, Err(Error::Corrupt { position: Position(2), .. })));
    file.execute("DELETE FROM events WHERE position = 3", []).unwrap();
    let read = log.read(Position(1), &Filter::default(), 10).await;
    assert!(matches!(read, Err(Error::Corrupt { position: Position(2), .. })), "{read:?}");
}

#[tokio::test]
async fn what_is_no_log_of_ours_is_a_configuration_error() {
    let store = Store::make();
    std::fs::write(store.path(), "not a database, but long enough to be read as one".repeat(40))
        .unwrap();
    let opened = SqliteLog::open(store.path(), World::system()).await;
    assert!(matches!(opened, Err(Error::Configuration(_))));
}

const CHILD: &str = "JANGTEO_TEST_KILLED_LOG";

/// Appends to one stream and prints each acknowledged version, until it is killed.
async fn append_until_killed(path: String) {
    let log = SqliteLog::open(path, World::system()).await.unwrap();
    let stream = events_schema::stream::StreamId::Order(events_schema::ids::OrderId::new(
        uuid::Uuid::from_u128(1),
    ));
    for version in 0.. {
        log.append(a_unit(stream, version, 1)).await.unwrap();
        println!("acknowledged {}", version + 1);
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    if let Ok(path) = std::env::var(CHILD) {
        return append_until_killed(path).await;
    }
    let store = Store::make();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["sqlite::a_killed_process_loses_nothing_that_it_acknowledged", "--exact"])
        .arg("--nocapture")
        .env(CHILD, store.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some((_, version)) = line.unwrap().split_once("acknowledged ") {
            acknowledged = version.parse::<u64>().unwrap();
        }
        if acknowledged == 100 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    let log = support::Store::open(&store).await;
    let events = all(&log).await;
    assert_sound(&events);
    assert!(acknowledged >= 100);
    assert!(events.last().unwrap().meta.version >= Version(acknowledged));
}

//! PostgreSQL: a database a test, and what only a server can do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use events_schema::envelope::{Position, Version};
use futures::future::join_all;
use storage::event_log::postgres::{PostgresLog, migrate};
use storage::event_log::{Appended, Error, Filter, SharedLog, Unit};
use storage::world::World;
use tokio_postgres::Client;
use tokio_util::task::TaskTracker;

use crate::database::Database;
use crate::support::{self, a_stream, a_unit, all, assert_sound};

pub(crate) struct Store(pub(crate) Database);

impl Store {
    pub(crate) async fn make() -> Self {
        let database = Database::make("log").await;
        migrate(&database.url).await.unwrap();
        Self(database)
    }

    async fn client(&self) -> Client {
        self.0.client().await
    }
}

impl support::Store for Store {
    async fn open(&self) -> SharedLog {
        Arc::new(PostgresLog::open(&self.0.url, &World::system()).await.unwrap())
    }

    fn url(&self) -> String {
        self.0.url.clone()
    }

    async fn age_key(&self, key: &str, days: i32) {
        let age = "UPDATE commands SET recorded_at = recorded_at - make_interval(days => $2) \
                   WHERE key = $1";
        let client = self.client().await;
        assert_eq!(client.execute(age, &[&key, &days]).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn an_unmigrated_database_is_a_configuration_error_and_migrating_twice_is_none() {
    let database = Database::make("log").await;
    let url = &database.url;
    let opened = PostgresLog::open(url, &World::system()).await;
    assert!(matches!(opened, Err(Error::Configuration(why)) if why.contains("migrate")));
    join_all([migrate(url), migrate(url)]).await.into_iter().for_each(Result::unwrap);
    PostgresLog::open(url, &World::system()).await.unwrap();
}

#[tokio::test]
async fn unsafe_settings_are_a_configuration_error() {
    let Store(database) = Store::make().await;
    let url = &database.url;
    let settings =
        [("synchronous_commit", "off"), ("default_transaction_isolation", "serializable")];
    for (name, value) in settings {
        let opened =
            PostgresLog::open(&format!("{url}?options=-c{name}%3D{value}"), &World::system()).await;
        assert!(matches!(opened, Err(Error::Configuration(why)) if why.contains(name)));
    }
}

#[tokio::test]
async fn a_hole_is_told_however_long_it_is() {
    let store = Store::make().await;
    let log = support::Store::open(&store).await;
    log.append(a_unit(a_stream(), 0, 6)).await.unwrap();
    let holes = "DELETE FROM events WHERE position BETWEEN 2 AND 5";
    store.client().await.batch_execute(holes).await.unwrap();
    for limit in [1, 2, 4, 5, 100] {
        let read = log.read(Position(1), &Filter::default(), limit).await;
        assert!(matches!(read, Err(Error::Corrupt { position: Position(2), .. })), "{limit}");
    }
    assert!(log.read(Position(6), &Filter::default(), 1).await.unwrap().events.is_empty());
    store.client().await.batch_execute("DELETE FROM events WHERE position = 6").await.unwrap();
    let read = log.read(Position(1), &Filter::default(), 1).await;
    assert!(matches!(read, Err(Error::Corrupt { position: Position(2), .. })), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_lose_and_double_nothing() {
    let store = Store::make().await;
    let log = support::Store::open(&store).await;
    let tasks = TaskTracker::new();
    let killed = Arc::new(AtomicI64::new(0));
    let writers = (0..16).map(|_| {
        let (log, killed) = (log.clone(), Arc::clone(&killed));
        tasks.spawn(async move {
            let (stream, mut version) = (a_stream(), 0);
            while killed.load(Ordering::Relaxed) < 20 {
                append_surely(&log, a_unit(stream, version, 1)).await;
                version += 1;
            }
            version
        })
    });
    let writers = join_all(writers);
    tokio::pin!(writers);
    let client = store.client().await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut seen = 0;
    let ends = loop {
        tokio::select! {
            ends = &mut writers => break ends,
            () = tokio::time::sleep(Duration::from_millis(1)) => {
                // Killing faster than a new connection can append would never end.
                let position = "SELECT position FROM head";
                let position = client.query_one(position, &[]).await.unwrap().get::<_, i64>(0);
                if position >= seen + 10 {
                    let count = client.query_one(kill, &[]).await.unwrap().get(0);
                    killed.fetch_add(count, Ordering::Relaxed);
                    seen = position;
                }
            }
        }
    };
    let written: u64 = ends.into_iter().map(Result::unwrap).sum();
    // The old log's pool may still hold a connection that was killed.
    let events = all(&support::Store::open(&store).await).await;
    assert_sound(&events);
    assert_eq!(u64::try_from(events.len()).unwrap(), written);
}

/// Appends a unit; after a lost reply the idempotency row tells what became of it.
pub(crate) async fn append_surely(log: &SharedLog, unit: Unit) {
    loop {
        match log.append(unit.clone()).await {
            Ok(Appended::Done(_) | Appended::Repeated) => return,
            // The append whose reply was lost may have landed.
            Ok(Appended::Conflict) => loop {
                match log.answer(&unit.commands[0].intent).await {
                    Ok(answer) => return assert!(answer.is_some()),
                    Err(Error::Unavailable(_)) => tokio::task::yield_now().await,
                    Err(other) => panic!("{other}"),
                }
            },
            Err(Error::Unavailable(_)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_transactions_hold_appends_up_and_lose_none() {
    let store = Store::make().await;
    let log = support::Store::open(&store).await;
    let stream = a_stream();
    log.append(a_unit(stream, 0, 1)).await.unwrap();
    for lock in ["SELECT FROM head FOR UPDATE", "SELECT FROM streams FOR UPDATE"] {
        let client = store.client().await;
        client.batch_execute(&format!("BEGIN; {lock}")).await.unwrap();
        let version =
            u64::try_from(log.read_stream(stream, Version(0), 10).await.unwrap().events.len());
        let version = version.unwrap();
        let appending = join_all([
            log.append(a_unit(stream, version, 1)),
            log.append(a_unit(a_stream(), 0, 1)),
        ]);
        tokio::pin!(appending);
        let early = tokio::time::timeout(Duration::from_millis(200), &mut appending).await;
        assert!(early.is_err());
        client.batch_execute("COMMIT").await.unwrap();
        for outcome in appending.await {
            assert!(matches!(outcome, Ok(Appended::Done(_))));
        }
    }
    let events = all(&log).await;
    assert_sound(&events);
    assert_eq!(events.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_one_log() {
    let store = Store::make().await;
    let logs = [support::Store::open(&store).await, support::Store::open(&store).await];
    let hot = a_stream();
    let key = a_unit(a_stream(), 0, 0).commands[0].intent.clone();
    for version in 0..20 {
        let mut appends = Vec::new();
        for log in &logs {
            appends.extend((0..4).map(|_| log.append(a_unit(a_stream(), 0, 1))));
            appends.push(log.append(a_unit(hot, version, 1)));
            let mut unit = a_unit(a_stream(), 0, 1);
            unit.commands[0].intent = key.clone();
            appends.push(log.append(unit));
        }
        join_all(appends).await.into_iter().for_each(|outcome| drop(outcome.unwrap()));
    }
    let events = all(&logs[0]).await;
    assert_sound(&events);
    assert_eq!(events.len(), 20 * 9 + 1);
    assert_eq!(logs[1].head().await.unwrap().position, Position(181));
}

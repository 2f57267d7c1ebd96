//! A server that dies under a serving log, and comes back.

use std::sync::Arc;

use events_schema::envelope::Position;
use futures::future::join_all;
use storage::event_log::postgres::{PostgresLog, migrate};
use storage::event_log::{Appended, Error, Filter, SharedLog, Unit};
use storage::world::World;
use tokio_util::task::TaskTracker;

use crate::cluster::Cluster;
use crate::postgres::append_surely;
use crate::support::{a_stream, a_unit, all, assert_sound};

const WRITERS: usize = 8;

/// Appends until the log cannot: so many units were acknowledged, and this one was not.
async fn append_until_unavailable(log: SharedLog) -> (usize, Unit) {
    let stream = a_stream();
    for version in 0.. {
        let unit = a_unit(stream, version, 1);
        match log.append(unit.clone()).await {
            Ok(Appended::Done(_)) => (),
            Err(Error::Unavailable(_)) => return (version.try_into().unwrap(), unit),
            other => panic!("{other:?}"),
        }
    }
    unreachable!("the server goes away")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_while_the_server_was_away_is_done_once_when_it_is_back() {
    let cluster = Cluster::make();
    let url = cluster.run("start");
    migrate(&url).await.unwrap();
    let log: SharedLog = Arc::new(PostgresLog::open(&url, &World::system()).await.unwrap());
    let tasks = TaskTracker::new();
    let writers: Vec<_> =
        (0..WRITERS).map(|_| tasks.spawn(append_until_unavailable(log.clone()))).collect();
    log.wait_beyond(Position(0)).await;
    cluster.run("stop");
    let (mut acknowledged, mut asked) = (0, vec![]);
    for ended in join_all(writers).await {
        let (count, unit) = ended.unwrap();
        acknowledged += count;
        asked.push(unit);
    }
    let late = a_unit(a_stream(), 0, 1);
    assert!(matches!(log.append(late.clone()).await, Err(Error::Unavailable(_))));
    asked.push(late);
    let read = log.read(Position(0), &Filter::default(), 1).await;
    assert!(matches!(read, Err(Error::Unavailable(_))));

    assert_eq!(cluster.run("start"), url);
    for unit in asked {
        append_surely(&log, unit).await;
    }
    let log: SharedLog = Arc::new(PostgresLog::open(&url, &World::system()).await.unwrap());
    let events = all(&log).await;
    assert_sound(&events);
    assert_eq!(events.len(), acknowledged + WRITERS + 1);
}

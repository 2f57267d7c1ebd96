//! Idempotency keys whose time is over are forgotten while commands are served.

use events_schema::ids::PersonId;
use events_schema::time::Timestamp;
use storage::event_log::sqlite::SqliteLog;
use storage::event_log::{self, Command, EventLog, Intent, Principal, Unit};
use storage::world::World;
use tests::http;
use tests::program::Serving;
use tests::wait::eventually;

/// A wish of long ago.
async fn remember(path: &std::path::Path) -> Intent {
    let long_ago = World::simulated(1, Timestamp::EPOCH);
    let principal = Principal::Person(PersonId::new(long_ago.uuid()));
    let intent = Intent { principal, key: "once".to_owned(), fingerprint: [0; 32] };
    let command = Command { intent: intent.clone(), answer: b"{}".to_vec(), events: vec![] };
    let log = SqliteLog::open(path, long_ago).await.unwrap();
    log.append(Unit { conditions: vec![], commands: vec![command] }).await.unwrap();
    assert!(log.answer(&intent).await.unwrap().is_some());
    log.close().await;
    intent
}

#[tokio::test]
async fn a_key_of_long_ago_is_forgotten_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let intent = remember(&path).await;
    let data = ["--data", folder.path().to_str().unwrap()];
    let serve = ["serve", "--role", "command-api", "--listen", "127.0.0.1:0"];
    let served = Serving::start(&[&serve[..], &data].concat()).await;
    let url = format!("sqlite:{}", path.display());
    let log = event_log::open_read_only(&url, World::system()).await.unwrap();
    eventually("the key is forgotten", async || {
        log.answer(&intent).await.unwrap().is_none().then_some(())
    })
    .await;
    eventually("it is counted", async || {
        let metrics = http::send(served.address, ("GET", "/metrics"), &[], b"").await;
        metrics.text().contains("idempotency_keys_forgotten_total 1\n").then_some(())
    })
    .await;
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
}

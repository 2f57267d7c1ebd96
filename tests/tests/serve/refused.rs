//! Servers that cannot be used as they are, each named with what to do, all of them at once.

use tests::http;
use tests::postgres;
use tests::program::{Serving, run};
use tests::stack::{Places, Stack};
use tests::wait::eventually;

#[tokio::test]
async fn every_server_that_cannot_be_used_is_named_at_once_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let Places { urls, bus, .. } = Stack::Real.places(folder.path()).await;
    let (owner, bus) = (urls.log.unwrap(), bus.unwrap());
    let _ = run(&["migrate", "--json", "--data", data, "--log", &owner]).await.well();
    // Its topics have three partitions each.
    let at = ["--data", data, "--log", &owner, "--bus", &bus, "--listen", "127.0.0.1:0"];
    let relay = Serving::start(&[&["serve", "--role", "relay"][..], &at].concat()).await;
    eventually("it leads", async || {
        let metrics = http::send(relay.address, ("GET", "/metrics"), &[], b"").await.text();
        metrics.contains("\nrelay_is_leader 1\n").then_some(())
    })
    .await;
    relay.terminate().await;
    let (status, said) = relay.ended().await;
    assert_eq!(status, Some(0), "{said}");

    let nobody = postgres::as_member_of("pg_monitor", &owner).await;
    let bus = bus.replace("partitions=3", "partitions=5");
    // It answers, and is no search server.
    let other = std::env::var("JANGTEO_TEST_S3").unwrap();
    let documents = urls.documents.unwrap();
    let (database, _) = documents.rsplit_once('/').unwrap();
    let at = ["--data", data, "--log", &nobody, "--documents", database, "--search", &other];
    let words = [&["serve", "--role", "projector", "--bus", &bus][..], &at].concat();
    let ended = run(&words).await;
    assert_eq!(ended.status, 2, "{ended:?}");
    for (option, what) in [
        ("--log: ", "grant the role jangteo_reader to this user"),
        ("--documents: ", "names no database: mongodb://HOST/DATABASE"),
        ("--search: ", "what answers there is neither Elasticsearch nor OpenSearch"),
        ("--bus: ", "has 3 partitions"),
    ] {
        let told = ended.stderr.lines().find(|line| line.contains(option));
        assert!(told.is_some_and(|told| told.contains(what)), "{option}{what}: {ended:?}");
    }
}

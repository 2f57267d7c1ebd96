//! Beside a process that runs.

use serde_json::Value;
use tests::http;
use tests::program::{Serving, run};
use tests::wait::eventually;

async fn started() -> (tempfile::TempDir, String, Serving) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let limits = ["--listen", "127.0.0.1:0", "--requests-per-minute", "0"];
    let served = Serving::start(&[&["dev", "--data", &data][..], &limits].concat()).await;
    (folder, data, served)
}

#[tokio::test]
async fn a_token_opens_what_its_role_may_see() {
    let (_folder, data, served) = started().await;
    let issued = run(&["token", "--role", "analyst", "--data", &data, "--json"]).await.well();
    let get = async |token: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        http::send(served.address, ("GET", path), &[("authorization", &bearer)], b"").await
    };
    let token = issued["token"].as_str().unwrap();
    let events = get(token, "/events?after=0").await;
    assert_eq!(events.status, 200);
    assert_eq!(events.header("content-type"), "application/x-ndjson");
    let text = events.text();
    let positions = text.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["position"].as_u64().unwrap()
    });
    let positions: Vec<_> = positions.collect();
    assert_eq!(positions, (1..).take(positions.len()).collect::<Vec<_>>());
    assert!(positions.len() > 100, "the demonstration market is there");
    assert!(!text.contains("월드컵로"), "personal data is never told");
    get(token, "/orders").await.fails(403, "forbidden");
    // The same token as plain text, on a line of its own.
    let plain = run(&["token", "--role", "admin", "--data", &data]).await;
    let orders = get(plain.stdout.trim(), "/ledger/trial-balance").await;
    assert_eq!(orders.ok()["difference_minor"]["KRW"], 0);
}

#[tokio::test]
async fn every_event_that_a_view_applies_is_counted_from_the_first_on() {
    let (_folder, data, served) = started().await;
    let token = run(&["token", "--role", "auditor", "--data", &data]).await.stdout;
    let bearer = format!("Bearer {}", token.trim());
    let get = async |path: &str| {
        http::send(served.address, ("GET", path), &[("authorization", &bearer)], b"").await.text()
    };
    let counted =
        format!("view_applied_total{{view=\"trail\"}} {}\n", get("/events").await.lines().count());
    let metrics = async || get("/metrics").await.contains(&counted).then_some(());
    eventually(&counted, metrics).await;
}

#[tokio::test]
async fn an_export_is_what_the_stream_of_history_says() {
    let (folder, data, served) = started().await;
    let token = run(&["token", "--role", "auditor", "--data", &data]).await.stdout;
    let bearer = format!("Bearer {}", token.trim());
    let events = ("GET", "/events");
    let streamed = http::send(served.address, events, &[("authorization", &bearer)], b"").await;
    let export = folder.path().join("export");
    let words = ["export", "--format", "ndjson", "--to", export.to_str().unwrap(), "--data", &data];
    assert_eq!(run(&words).await.status, 0);
    assert_eq!(std::fs::read_to_string(export.join("events.ndjson")).unwrap(), streamed.text());
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_says_so_and_harms_nothing() {
    let (_folder, data, served) = started().await;
    let listen = ["--listen", "127.0.0.1:0"];
    for words in [&[&["dev"][..], &listen].concat()[..], &["rebuild"]] {
        let ended = run(&[words, &["--data", &data]].concat()).await;
        assert_eq!(ended.status, 2, "{words:?}: {ended:?}");
        assert!(ended.stderr.contains("another process"), "{words:?}: {ended:?}");
    }
    let live = http::send(served.address, ("GET", "/products"), &[], b"").await;
    assert!(!live.ok()["items"].as_array().unwrap().is_empty());
    // What only reads may run beside it.
    let export = format!("{data}/export");
    let words = ["export", "--format", "ndjson", "--to", &export, "--data", &data, "--json"];
    assert!(run(&words).await.well()["events"].as_u64().unwrap() > 100);
    served.terminate().await;
    assert_eq!(served.ended().await.0, Some(0));
    let verified = run(&["verify", "--data", &data, "--json"]).await.well();
    assert_eq!(verified["findings"], serde_json::json!([]));
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let (_folder, _, served) = started().await;
    let other = tempfile::tempdir().unwrap();
    let (data, address) = (other.path().to_str().unwrap(), served.address.to_string());
    let ended = run(&["dev", "--empty", "--data", data, "--listen", &address]).await;
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.stderr.contains(&address), "{ended:?}");
}

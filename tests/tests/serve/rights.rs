//! What a role does not use it does not look at, and what it only reads it does not write.

use std::path::Path;

use tests::http;
use tests::program::{Serving, run};
use tests::wait::eventually;

/// A URL of no store.
const NONSENSE: &str = "nonsense:";

async fn a_history() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let _ = run(&["migrate", "--json", "--data", &data]).await.well();
    (folder, data)
}

async fn serve(role: &str, more: &[&str]) -> Serving {
    let listen = ["--listen", "127.0.0.1:0", "--requests-per-minute", "0"];
    Serving::start(&[&["serve", "--role", role][..], &listen, more].concat()).await
}

async fn is_ready(served: &Serving) {
    eventually("it is ready", async || {
        let ready = http::send(served.address, ("GET", "/health/ready"), &[], b"").await;
        (ready.status == 200).then_some(())
    })
    .await;
}

async fn stop(served: Serving) {
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
}

#[tokio::test]
async fn a_role_looks_at_no_store_that_it_does_not_use() {
    let (folder, data) = a_history().await;
    let projector = serve("projector", &["--data", &data, "--keys", NONSENSE]).await;
    is_ready(&projector).await;
    stop(projector).await;
    assert!(!folder.path().join("keys.db").exists());
    let no_views = ["--data", &data, "--documents", NONSENSE, "--search", NONSENSE];
    let commands = serve("command-api", &no_views).await;
    is_ready(&commands).await;
    stop(commands).await;
}

#[tokio::test]
async fn queries_and_commands_that_read_make_no_documents_and_no_index() {
    let (folder, data) = a_history().await;
    let is_there = |name: &str| Path::new(folder.path()).join(name).exists();
    let queries = serve("query-api", &["--data", &data]).await;
    for route in ["/health/ready", "/products"] {
        let answer = http::send(queries.address, ("GET", route), &[], b"").await;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    let listed = run(&["parked", "list", "--data", &data, "--json"]).await;
    assert_eq!(listed.well(), serde_json::json!({ "parked": [] }));
    let verified = run(&["verify", "--data", &data, "--json"]).await;
    assert_eq!(verified.well()["documents"], 0);
    assert!(!is_there("documents.db") && !is_there("search"));
    stop(queries).await;
}

#[cfg(feature = "real")]
mod real {
    use mongodb::Client;
    use tests::postgres;
    use tests::stack::{Places, Stack};

    use super::*;

    /// What there is in the database and of the index.
    async fn there(documents: &str, search: &str) -> (Vec<String>, String) {
        let client = Client::with_uri_str(documents).await.unwrap();
        let database = client.default_database().unwrap();
        let collections = database.list_collection_names().await.unwrap();
        let (server, prefix) = search.split_once("?prefix=").unwrap();
        let address = server.strip_prefix("http://").unwrap().parse().unwrap();
        let indices = http::send(address, ("GET", &format!("/{prefix}*")), &[], b"").await;
        assert_eq!(indices.status, 200);
        (collections, indices.text())
    }

    #[tokio::test]
    async fn on_servers_too_and_the_relay_needs_the_log_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let Places { urls, bus, .. } = Stack::Real.places(folder.path()).await;
        let (documents, search) = (urls.documents.unwrap(), urls.search.unwrap());
        let owner = urls.log.unwrap();
        let _ = run(&["migrate", "--json", "--data", data, "--log", &owner]).await.well();
        let before = there(&documents, &search).await;
        assert_eq!(before, (vec![], "{}".to_owned()));

        let reader = postgres::as_member_of("jangteo_reader", &owner).await;
        let at = ["--data", data, "--log", &reader, "--documents", &documents, "--search", &search];
        let queries = serve("query-api", &at).await;
        for route in ["/health/ready", "/products"] {
            let answer = http::send(queries.address, ("GET", route), &[], b"").await;
            assert_eq!(answer.status, 503, "{}", answer.text());
        }
        let listed = run(&[&["parked", "list", "--json"][..], &at].concat()).await;
        assert_eq!(listed.well(), serde_json::json!({ "parked": [] }));
        let verified = run(&[&["verify", "--json"][..], &at].concat()).await;
        assert_eq!(verified.well()["documents"], 0);
        assert_eq!(there(&documents, &search).await, before);

        // Views are live from their first event on.
        let no_views = ["--documents", NONSENSE, "--search", NONSENSE];
        let writer = postgres::as_member_of("jangteo_app", &owner).await;
        let at = ["--data", data, "--log", &writer];
        let commands = serve("command-api", &[&at[..], &no_views].concat()).await;
        let worker = postgres::as_member_of("jangteo_reader, jangteo_leases", &owner).await;
        let at = ["--data", data, "--log", &worker, "--keys", NONSENSE, "--bus"];
        let at = [&at[..], &[bus.as_deref().unwrap()]].concat();
        let relay = serve("relay", &[&at[..], &no_views].concat()).await;
        is_ready(&relay).await;
        let views = ["--documents", documents.as_str(), "--search", &search];
        let projector = serve("projector", &[&at[..], &views].concat()).await;
        is_ready(&projector).await;
        is_ready(&queries).await;
        for served in [commands, projector, relay, queries] {
            stop(served).await;
        }
    }
}

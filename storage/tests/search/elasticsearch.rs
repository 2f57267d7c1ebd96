//! Elasticsearch: what it says of a wrong URL, and the contract on the servers that
//! `JANGTEO_TEST_ELASTICSEARCH` and, where it is set, `JANGTEO_TEST_OPENSEARCH` name, as in
//! `http://127.0.0.1:9200`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use storage::search::{Error, open, open_read_only};

use crate::tls_server::serve;
use crate::trust::Trust;

#[tokio::test]
async fn a_url_that_cannot_be_used_is_named_without_its_password() {
    for (url, reason) in [
        ("http://", "http(s)://"),
        ("http://u:hunter2@host:port", "http(s)://"),
        ("http://u:hunter2@host?prefix=Big", "the prefix of search"),
        ("http://u:hunter2@host?refresh=1", "http(s)://"),
        ("http://u:hunter2@host?lexicon=/nowhere/at/all", "/nowhere/at/all"),
        ("https://u:hunter2@host?ca=/nowhere/at/all", "ca /nowhere/at/all"),
        ("https://u:hunter2@host?ca=/dev/null", "ca /dev/null holds no certificate in PEM"),
    ] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, Error::Configuration(_)), "{url}: {error:?}");
        assert!(error.to_string().contains(reason), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let error = open("http://u:hunter2@127.0.0.1:1").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

fn answer(line: &str, body: &Value, granted: &[&str]) -> (u16, Value) {
    match line {
        "GET /" => (200, json!({ "version": { "number": "9.5.3" } })),
        "POST /_security/user/_has_privileges" => {
            let asked = body["index"][0]["privileges"].as_array().unwrap().iter();
            let asked = asked.map(|name| name.as_str().unwrap());
            let index: BTreeMap<_, _> = asked.map(|name| (name, granted.contains(&name))).collect();
            (200, json!({ "username": "u", "index": { "jangteo_g*": index } }))
        }
        "POST /_analyze" => (403, json!({ "error": { "type": "security_exception" } })),
        _ => (200, json!({})),
    }
}

/// A server that knows users: `granted` are the privileges of ours, and nobody may analyse. Tells what
/// it was asked.
async fn a_server_with_users(granted: &'static [&str]) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&asked);
    let url = fake::serve(move |line, body| {
        told.lock().unwrap().push(line.to_owned());
        answer(line, &serde_json::from_str(body).unwrap_or_default(), granted)
    });
    (url.await, asked)
}

#[tokio::test]
async fn a_reader_needs_no_right_to_write_and_a_writer_none_to_analyse() {
    let (url, asked) = a_server_with_users(&["read", "view_index_metadata"]).await;
    open_read_only(&url).await.unwrap();
    let asked = asked.lock().unwrap().join(", ");
    let indices = "GET /jangteo_g*?expand_wildcards=open,closed";
    assert_eq!(asked, format!("GET /, POST /_security/user/_has_privileges, {indices}"));
    let Err(Error::Configuration(problem)) = open(&url).await else { panic!("it may not write") };
    assert!(problem.ends_with("grant index, manage on the indices jangteo_g*"), "{problem}");

    let (url, _) = a_server_with_users(&["read", "view_index_metadata", "index", "manage"]).await;
    open(&url).await.unwrap();

    let (url, _) = a_server_with_users(&["read"]).await;
    let refused = open_read_only(&url).await;
    let Err(Error::Configuration(problem)) = refused else { panic!("{refused:?}") };
    assert!(problem.ends_with("grant view_index_metadata on the indices jangteo_g*"), "{problem}");
}

#[tokio::test]
async fn a_server_is_trusted_by_the_authority_that_is_named_and_by_no_other() {
    let trust = Trust::new();
    let granted = r#"{ "read": true, "view_index_metadata": true }"#;
    let version = r#"{ "number": "9.5.3" }"#;
    // The answer to whatever is asked.
    let answer = format!(r#"{{ "version": {version}, "index": {{ "jangteo_g*": {granted} }} }}"#);
    let address = serve(&trust, "application/json", answer).await;
    let file = |name: &str| trust.path(name).display().to_string();
    let url = format!("https://{address}/?prefix=jangteo");
    open_read_only(&format!("{url}&ca={}", file("ours.pem"))).await.unwrap();
    for url in [format!("{url}&ca={}", file("theirs.pem")), url] {
        let opened = open_read_only(&url).await;
        let Err(Error::Unavailable(why)) = opened else { panic!("{opened:?}") };
        assert!(format!("{why:?}").contains("InvalidCertificate"), "{why:?}");
    }
}

#[path = "elasticsearch/bulks.rs"]
mod bulks;
#[path = "elasticsearch/fake.rs"]
mod fake;
#[cfg(feature = "real")]
#[path = "elasticsearch/real.rs"]
mod real;

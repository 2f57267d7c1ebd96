//! Whatever is changed behind the product's back, `verify` finds it and says where.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "this is test code: what does not hold ends the test"
)]

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use tests::program::{imported, run};

async fn findings(data: &Path) -> Vec<Value> {
    let ended = run(&["verify", "--data", data.to_str().unwrap(), "--json"]).await;
    let report = ended.json();
    let findings = report["findings"].as_array().cloned().expect("a list of findings");
    assert_eq!(report["findings_count"], findings.len());
    assert_eq!(ended.status, i32::from(!findings.is_empty()), "{ended:?}");
    findings
}

/// The log, with its own guards against such a thing taken off.
fn log(data: &Path) -> Connection {
    let log = Connection::open(data.join("events.db")).expect("the log opens");
    log.execute_batch("DROP TRIGGER events_are_not_updated; DROP TRIGGER events_are_not_deleted;")
        .expect("the guards come off");
    log
}

#[track_caller]
fn change(store: &Connection, sql: &str) {
    assert_eq!(store.execute(sql, []), Ok(1), "{sql}");
}

#[track_caller]
fn names_position(findings: &[Value], position: u64) {
    let named = findings.iter().any(|finding| finding["position"] == position);
    assert!(named, "{position} is not named by {findings:?}");
}

#[tokio::test]
async fn what_nobody_touched_is_well() {
    let (folder, _) = imported().await;
    assert_eq!(findings(folder.path()).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_changed_payload_is_found() {
    let (folder, _) = imported().await;
    let one = "UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), '\"quantity\":1', \
               '\"quantity\":2') AS BLOB) WHERE position = 8";
    change(&log(folder.path()), one);
    names_position(&findings(folder.path()).await, 8);
}

#[tokio::test]
async fn a_changed_column_of_the_envelope_is_found() {
    for column in ["occurred_at = occurred_at + 1", "actor = 'process:nobody'", "origin = 'http'"] {
        let (folder, _) = imported().await;
        change(&log(folder.path()), &format!("UPDATE events SET {column} WHERE position = 100"));
        names_position(&findings(folder.path()).await, 100);
    }
}

#[tokio::test]
async fn an_event_that_is_gone_is_found() {
    for place in ["min(position)", "max(position) / 2", "max(position)"] {
        let (folder, _) = imported().await;
        let log = log(folder.path());
        let sql = format!("SELECT {place} FROM events");
        let position: u64 = log.query_row(&sql, [], |row| row.get(0)).unwrap();
        change(&log, &format!("DELETE FROM events WHERE position = {position}"));
        names_position(&findings(folder.path()).await, position);
    }
}

#[tokio::test]
async fn a_stream_whose_versions_have_a_hole_is_found() {
    let (folder, _) = imported().await;
    let log = log(folder.path());
    let sql = "SELECT max(position) FROM events AS e WHERE version > 1 AND version = \
               (SELECT max(version) FROM events WHERE stream = e.stream)";
    let position: u64 = log.query_row(sql, [], |row| row.get(0)).expect("there is one");
    let sql = format!("UPDATE events SET version = version + 1 WHERE position = {position}");
    change(&log, &sql);
    names_position(&findings(folder.path()).await, position);
}

#[tokio::test]
async fn a_document_that_was_edited_or_removed_is_found() {
    let (folder, _) = imported().await;
    let documents = Connection::open(folder.path().join("documents.db")).expect("it opens");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'order_g*'";
    let table: String = documents.query_row(sql, [], |row| row.get(0)).expect("a table");
    let ids = |least: u32| -> String {
        let sql = format!("SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {least}");
        documents.query_row(&sql, [], |row| row.get(0)).expect("a document")
    };
    let (edited, gone) = (ids(0), ids(1));
    let sql = format!(
        "UPDATE {table} SET body = json_set(body, '$.total.amount_minor', 1) WHERE id = '{edited}'"
    );
    change(&documents, &sql);
    change(&documents, &format!("DELETE FROM {table} WHERE id = '{gone}'"));
    let findings = findings(folder.path()).await;
    for id in [edited, gone] {
        let named = |finding: &Value| {
            finding["document"].as_str().is_some_and(|document| document.contains(&id))
        };
        assert!(findings.iter().any(named), "{id} is not named by {findings:?}");
    }
}

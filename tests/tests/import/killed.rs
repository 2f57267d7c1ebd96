//! An import that is killed, again and again, ends as if nothing had happened.

use std::path::Path;
use std::process::Stdio;

use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tempfile::TempDir;
use tests::program;
use tests::wait::eventually;

use super::source::{Place, many};

const COPIES: usize = 20;

#[tokio::test]
async fn an_import_that_was_killed_goes_on_where_it_was() {
    let source = tempfile::tempdir().unwrap();
    many(source.path(), COPIES);
    let calm = tempfile::tempdir().unwrap();
    let calm = Place::embedded(calm.path());
    calm.migrate().await;
    let whole = calm.import(source.path()).await;
    let head = whole["head"].as_u64().unwrap();

    let hunted = killed_midway(source.path(), head).await;
    let hunted = Place::embedded(hunted.path());
    // The last one is killed while the views catch up.
    for part in [2, 3, 5, 7, 10] {
        kill_at(&hunted, source.path(), head * part / 10).await;
    }
    let last = hunted.import(source.path()).await;
    assert_eq!(last["totals"], whole["totals"]);
    assert_eq!(last["differences"], json!([]));
    assert_eq!(hunted.verify().await["findings"], json!([]));
    let (one, other) = (calm.history().await, hunted.history().await);
    assert_eq!(one.len(), other.len());
    let differs = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!(differs, None);
}

/// A folder whose import was killed on its way. Where this process paused meanwhile, the import may
/// have come to its end: then another is hunted.
async fn killed_midway(source: &Path, head: u64) -> TempDir {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::embedded(folder.path());
        place.migrate().await;
        kill_at(&place, source, (head / 10).max(1)).await;
        if position(place.data) < head {
            return folder;
        }
    }
    panic!("every import came to its end before it was killed");
}

/// Kills it, without a warning, once so much of the history stands there.
async fn kill_at(place: &Place<'_>, source: &Path, least: u64) {
    let words = place.words(&["import", "olist", source.to_str().unwrap()]);
    let mut command = program::command(&words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the import gets there", async || (position(place.data) >= least).then_some(()))
        .await;
    child.kill().await.unwrap();
}

fn position(data: &Path) -> u64 {
    let path = data.join("events.db");
    let log = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    log.query_row("SELECT position FROM head", [], |row| row.get(0)).unwrap()
}

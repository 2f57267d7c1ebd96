//! Which commands reach the server. A stand-in for it takes any concern, so a proxy listens.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use storage::documents::{
    Direction, Error, Find, Generation, SharedDocuments, Stored, open, open_read_only,
};

use super::proxy::{Asked, Proxy, Script};
use super::real::Database;
use crate::contract::{ORDERS, a_document, checkpoint, g, stored};

/// What the adapter states.
const COMMAND_BYTES_MAX: usize = 15 << 20;
const COMMAND_UPDATES_MAX: usize = 1_024;
const COMMANDS_AT_ONCE: usize = 4;

/// The URL of a database behind a proxy. A proxy speaks no TLS and stands before one server: elsewhere
/// there is none.
async fn behind(
    database: &Database,
    more: &str,
    script: Script,
    patience: Duration,
) -> Option<(String, Proxy)> {
    let url = database.url();
    let (server, name) = url.strip_prefix("mongodb://").unwrap().split_once('/').unwrap();
    if server.contains(',') || name.contains("tls=true") || name.contains("ssl=true") {
        println!("JANGTEO_TEST_MONGODB is no single server without TLS: its commands are not seen");
        return None;
    }
    let (user, host) = server.rsplit_once('@').map_or(("", server), |(user, host)| (user, host));
    let at = if user.is_empty() { "" } else { "@" };
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:27017") };
    let (address, proxy) = Proxy::start(&host, script, patience).await;
    let sign = if name.contains('?') { '&' } else { '?' };
    Some((format!("mongodb://{user}{at}{address}/{name}{sign}directConnection=true{more}"), proxy))
}

async fn a_store(script: Script) -> Option<(Database, Proxy, SharedDocuments)> {
    let database = Database::new();
    let (url, proxy) = behind(&database, "", script, Duration::ZERO).await?;
    let documents = open(&url).await.unwrap();
    Some((database, proxy, documents))
}

fn of(asked: &[Asked], name: &str) -> Vec<Document> {
    let asked = asked.iter().filter(|asked| asked.name() == name);
    asked.map(|asked| asked.command.clone()).collect()
}

async fn read_all(documents: &SharedDocuments, generation: Generation) {
    documents.get(&ORDERS, generation, &["o1"]).await.unwrap();
    documents.scan(&ORDERS, generation, None, 10).await.unwrap();
    let (equals, direction) = (["s1"].as_slice(), Direction::Ascending);
    let find = Find { index: "by_seller", equals, direction, after: None, limit: 1 };
    documents.find(&ORDERS, generation, &find).await.unwrap();
    documents.checkpoint(&ORDERS, generation).await.unwrap();
    documents.serving(&ORDERS).await.unwrap();
    documents.all_serving().await.unwrap();
}

/// No URL weakens them.
#[tokio::test]
async fn what_is_written_and_read_is_on_a_majority_whatever_the_url_says() {
    let database = Database::new();
    let weak = "&w=1&wtimeoutMS=1&readConcernLevel=local";
    let listening = behind(&database, weak, |_| None, Duration::ZERO).await;
    let Some((url, proxy)) = listening else { return };
    let documents = open(&url).await.unwrap();
    documents.declare(&ORDERS, g(1)).await.unwrap();
    let document = [a_document("o1", 2, "s1", 1)];
    documents.put(&ORDERS, g(1), &document, Some(&checkpoint(2))).await.unwrap();
    // Of what is older, a second command says whether it is.
    documents.put(&ORDERS, g(1), &[a_document("o1", 1, "s1", 1)], None).await.unwrap();
    documents.serve(&ORDERS, g(1)).await.unwrap();
    read_all(&documents, g(1)).await;
    documents.declare(&ORDERS, g(2)).await.unwrap();
    documents.drop_generation(&ORDERS, g(2)).await.unwrap();
    read_all(&open_read_only(&url).await.unwrap(), g(1)).await;

    let asked = proxy.told();
    let majority = doc! { "w": "majority", "wtimeout": 20_000 };
    for (name, least) in [("update", 7), ("createIndexes", 2), ("drop", 1)] {
        let writes = of(&asked, name);
        assert!(writes.len() >= least, "{name}: {}", writes.len());
        for write in writes {
            // As text, for a number may come in either width.
            let concern = write.get_document("writeConcern").unwrap().to_string();
            assert_eq!(concern, majority.to_string(), "{name}");
        }
    }
    let reads = of(&asked, "find");
    assert!(reads.len() >= 12, "{}", reads.len());
    for read in reads {
        let concern = read.get_document("readConcern").ok();
        assert_eq!(concern, Some(&doc! { "level": "majority" }), "{read}");
    }
    // Whatever else changes or tells documents would have to be looked at here.
    let known = ["aggregate", "count", "delete", "distinct", "findAndModify", "getMore", "insert"];
    assert!(known.iter().all(|name| of(&asked, name).is_empty()));
}

const NOT_ON_A_MAJORITY: &str = "waiting for replication timed out";

/// As a server answers whose others do not keep up.
fn not_on_a_majority(command: &Document, name: &str) -> Option<Document> {
    let is_meant = command.get_str("update").is_ok_and(|of| of == name);
    let failure =
        doc! { "code": 64, "codeName": "WriteConcernFailed", "errmsg": NOT_ON_A_MAJORITY };
    is_meant.then(|| doc! { "ok": 1.0, "n": 1, "nModified": 1, "writeConcernError": failure })
}

#[tokio::test]
async fn what_is_not_on_a_majority_in_time_is_unavailable() {
    let scripts: [Script; 2] = [
        |command| not_on_a_majority(command, "orders_g1"),
        |command| {
            // The progress alone, not the declaration.
            let is_progress = command.to_string().contains("epoch");
            is_progress.then(|| not_on_a_majority(command, "_views")).flatten()
        },
    ];
    for script in scripts {
        let Some((_database, proxy, documents)) = a_store(script).await else { return };
        documents.declare(&ORDERS, g(1)).await.unwrap();
        let document = [a_document("o1", 1, "s1", 1)];
        let put = documents.put(&ORDERS, g(1), &document, Some(&checkpoint(1))).await;
        let Err(Error::Unavailable(why)) = put else { panic!("{put:?}") };
        assert!(format!("{why:?}").contains(NOT_ON_A_MAJORITY), "{why:?}");
        // A checkpoint never stands before its documents.
        let views = of(&proxy.told(), "update");
        let progress = views.iter().filter(|update| update.to_string().contains("epoch")).count();
        let documents_failed = script(&doc! { "update": "orders_g1" }).is_some();
        assert_eq!(progress, usize::from(!documents_failed));
    }
}

/// Whether it writes documents, and makes those that are missing.
fn makes(command: &Document) -> bool {
    let updates = command.get_array("updates").ok();
    let first = updates.and_then(|updates| updates.first()?.as_document());
    command.get_str("update").is_ok_and(|of| of == "orders_g1")
        && first.is_some_and(|first| first.get_bool("upsert").unwrap_or(false))
}

/// As a server answers whose second document of a command was not written.
fn failed(command: &Document, code: i32) -> Option<Document> {
    let failure = doc! { "index": 1, "code": code, "errmsg": "a test says so" };
    makes(command).then(|| doc! { "ok": 1.0, "n": 2, "writeErrors": [failure] })
}

#[tokio::test]
async fn what_another_has_just_made_is_written_by_a_second_command_and_it_alone() {
    let store = a_store(|command| failed(command, 11_000)).await;
    let Some((_database, proxy, documents)) = store else { return };
    documents.declare(&ORDERS, g(1)).await.unwrap();
    proxy.told();
    let three = ["o1", "o2", "o3"].map(|id| a_document(id, 5, "s", 1));
    documents.put(&ORDERS, g(1), &three, None).await.unwrap();
    let updates = of(&proxy.told(), "update");
    assert_eq!(updates.len(), 2);
    let again = updates[1].get_array("updates").unwrap();
    assert_eq!(again.len(), 1);
    let again = again[0].as_document().unwrap();
    assert_eq!(again.get_document("q").unwrap().get_str("_id").unwrap(), "o2");
    assert!(!again.get_bool("upsert").unwrap());
}

#[tokio::test]
async fn a_document_that_is_not_written_is_no_success() {
    let store = a_store(|command| failed(command, 133)).await;
    let Some((_database, proxy, documents)) = store else { return };
    documents.declare(&ORDERS, g(1)).await.unwrap();
    proxy.told();
    let two = ["o1", "o2"].map(|id| a_document(id, 5, "s", 1));
    let put = documents.put(&ORDERS, g(1), &two, Some(&checkpoint(5))).await;
    assert!(matches!(put, Err(Error::Unavailable(_))), "{put:?}");
    // And its checkpoint is not written either.
    assert_eq!(of(&proxy.told(), "update").len(), 1);
}

#[tokio::test]
async fn a_put_of_many_is_sent_in_commands_of_bounded_size_four_at_once() {
    let database = Database::new();
    let listening = behind(&database, "", |_| None, Duration::from_millis(500)).await;
    let Some((url, proxy)) = listening else { return };
    let documents = open(&url).await.unwrap();
    documents.declare(&ORDERS, g(1)).await.unwrap();
    proxy.told();
    let many: Vec<Stored> = (0..5_000).map(|n| a_document(&format!("o{n}"), 1, "s", n)).collect();
    documents.put(&ORDERS, g(1), &many, None).await.unwrap();
    let asked: Vec<Asked> =
        proxy.told().into_iter().filter(|asked| asked.name() == "update").collect();
    let size = |asked: &Asked| asked.command.get_array("updates").unwrap().len();
    let mut sizes: Vec<usize> = asked.iter().map(size).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [904, COMMAND_UPDATES_MAX, COMMAND_UPDATES_MAX, 1_024, 1_024]);
    assert_eq!(asked.iter().map(|asked| asked.at_once).max(), Some(COMMANDS_AT_ONCE));
}

#[tokio::test]
async fn a_put_of_much_is_sent_in_commands_that_a_server_takes() {
    // Kept from the server, which would have to hold it all.
    let store = a_store(|command| {
        let is_meant = command.get_str("update").is_ok_and(|of| of == "orders_g1");
        is_meant.then(|| doc! { "ok": 1.0, "n": 1, "nModified": 0 })
    })
    .await;
    let Some((_database, proxy, documents)) = store else { return };
    documents.declare(&ORDERS, g(1)).await.unwrap();
    proxy.told();
    let body = format!(r#"{{"seller":"s","placed":1,"x":"{}"}}"#, "x".repeat(4 << 20));
    let much: Vec<Stored> = (0..8).map(|n| stored(&format!("o{n}"), 1, &body)).collect();
    documents.put(&ORDERS, g(1), &much, None).await.unwrap();
    let asked = proxy.told();
    let updates = asked.iter().filter(|asked| asked.name() == "update");
    let sizes: Vec<usize> = updates.map(|asked| asked.bytes).collect();
    assert_eq!(sizes.len(), 3, "{sizes:?}");
    assert!(sizes.iter().all(|bytes| *bytes <= COMMAND_BYTES_MAX), "{sizes:?}");
}

//! The same history on servers: the import ends with the documents and the search results that it has
//! embedded, though every server and every role was killed on the way.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use storage::event_log;
use storage::world::World;
use tempfile::TempDir;
use tests::program::{self, Serving};
use tests::servers::Servers;
use tests::wait::patiently;
use tokio::process::Child;

use super::source::{Everything, Place, many};

const COPIES: usize = 24;
const SERVERS: [&str; 4] = ["postgres", "kafka", "mongodb", "elasticsearch"];

/// Where everything is, on these servers.
struct Site {
    servers: Servers,
    folder: TempDir,
    log: String,
    documents: String,
    search: String,
    bus: String,
}

impl Site {
    async fn new() -> Self {
        let servers = Servers::start(&SERVERS).await;
        let log = servers.url("postgres");
        let documents = format!("{}/jangteo", servers.url("mongodb"));
        let search = servers.url("elasticsearch");
        let bus = format!("{}?partitions=3", servers.url("kafka"));
        let folder = tempfile::tempdir().unwrap();
        Self { servers, folder, log, documents, search, bus }
    }

    fn place(&self) -> Place<'_> {
        let (log, documents, search) =
            (Some(&*self.log), Some(&*self.documents), Some(&*self.search));
        Place { data: self.folder.path(), log, documents, search }
    }

    async fn role(&self, role: &str) -> Serving {
        let mut words = vec!["serve", "--role", role, "--listen", "127.0.0.1:0"];
        let data = self.folder.path().to_str().unwrap();
        words.extend(["--data", data, "--log", &self.log, "--bus", &self.bus]);
        words.extend(["--documents", &self.documents, "--search", &self.search]);
        Serving::start(&words).await
    }

    fn import(&self, source: &Path) -> Child {
        let words = ["import", "olist", source.to_str().unwrap()];
        let place = self.place();
        let mut command = program::command(&place.words(&words));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// How much of the history stands there; nothing while the log does not answer.
    async fn head(&self) -> Option<u64> {
        let log = event_log::open_read_only(&self.log, World::system()).await.ok()?;
        let head = log.head().await.ok()?.position.0;
        log.close().await;
        Some(head)
    }

    /// Waits until the history is longer than this, or whole: then only the views are waited for, and
    /// maybe for a server that was killed.
    async fn grows(&self, least: u64, end: u64) {
        patiently("the import gets on", async || {
            (self.head().await > Some(least.min(end - 1))).then_some(())
        })
        .await;
    }

    /// An import on its way, a piece further than the last.
    async fn importing(&self, source: &Path, end: u64) -> Child {
        let before = self.head().await.unwrap_or(0);
        let child = self.import(source);
        self.grows(before + 50, end).await;
        child
    }
}

#[track_caller]
fn assert_same(one: &Everything, other: &Everything) {
    let differs = one.iter().find(|(key, value)| other.get(*key) != Some(*value));
    assert_eq!(differs.map(|(key, value)| (key, value, other.get(key))), None);
    assert_eq!(one.len(), other.len());
}

#[tokio::test]
async fn whatever_is_killed_on_the_way_an_import_ends_as_it_does_embedded() {
    let source = tempfile::tempdir().unwrap();
    many(source.path(), COPIES);
    let embedded = tempfile::tempdir().unwrap();
    let embedded = Place::embedded(embedded.path());
    embedded.migrate().await;
    let whole = embedded.import(source.path()).await;
    let end = whole["head"].as_u64().unwrap();
    let site = Site::new().await;
    site.place().migrate().await;
    let mut relay = site.role("relay").await;
    let mut projector = site.role("projector").await;
    for victim in SERVERS {
        let mut import = site.importing(source.path(), end).await;
        site.servers.kill(victim).await;
        if victim != "postgres" {
            // Appends go on.
            let at = site.head().await.unwrap();
            site.grows(at, end).await;
        }
        import.kill().await.unwrap();
        site.servers.up(&[victim]).await;
    }
    let mut import = site.importing(source.path(), end).await;
    relay.child.kill().await.unwrap();
    projector.child.kill().await.unwrap();
    import.kill().await.unwrap();
    (relay, projector) = (site.role("relay").await, site.role("projector").await);

    let last = site.place().import(source.path()).await;
    assert_eq!(last["totals"], whole["totals"]);
    assert_eq!(last["differences"], json!([]));
    assert_eq!(site.place().verify().await["findings"], json!([]));
    let (one, other) = (embedded.history().await, site.place().history().await);
    assert_eq!(one.len(), other.len());
    assert_eq!(one.iter().zip(&other).find(|(one, other)| one != other), None);
    let (one, other) = (embedded.everything().await, site.place().everything().await);
    assert_same(&one, &other);
    drop((relay, projector));
}

#[tokio::test]
async fn kafka_alone_brings_every_view_what_the_log_brings() {
    let source = tempfile::tempdir().unwrap();
    many(source.path(), 2);
    let embedded = tempfile::tempdir().unwrap();
    let embedded = Place::embedded(embedded.path());
    embedded.migrate().await;
    let head = embedded.import(source.path()).await["head"].as_u64().unwrap();
    let mut site = Site::new().await;
    site.place().migrate().await;
    // The import folds views of its own; what Kafka brings goes into other documents.
    site.place().import(source.path()).await;
    site.documents = format!("{}/by_kafka", site.servers.url("mongodb"));
    site.search = format!("{}?prefix=by_kafka", site.servers.url("elasticsearch"));
    let (relay, one, two) =
        (site.role("relay").await, site.role("projector").await, site.role("projector").await);
    let expected = embedded.everything().await;
    patiently("the views get there", async || site.place().has_reached(head).await.then_some(()))
        .await;
    assert_eq!(site.place().verify().await["findings"], json!([]));
    let found = site.place().everything().await;
    assert_same(&expected, &found);
    drop((relay, one, two));
}

//! The same history on servers: the import ends with the documents and the search results that it has
//! embedded, and so do the roles that Kafka brings it to, though every server and every role was killed
//! on the way.

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

const COPIES: usize = 48;
const ROLES: [&str; 5] = ["relay", "projector", "projector", "command-api", "query-api"];
const SERVERS: [&str; 4] = ["postgres", "kafka", "mongodb", "elasticsearch"];

/// Where everything is, on these servers. The import folds views of its own; what Kafka brings goes into
/// other documents.
struct Site {
    servers: Servers,
    folder: TempDir,
    log: String,
    documents: [String; 2],
    search: [String; 2],
    bus: String,
}

impl Site {
    async fn new() -> Self {
        let servers = Servers::start(&SERVERS).await;
        let log = servers.url("postgres");
        let of = ["by_import", "by_kafka"];
        let documents = of.map(|name| format!("{}/{name}", servers.url("mongodb")));
        let search = of.map(|name| format!("{}?prefix={name}", servers.url("elasticsearch")));
        let bus = format!("{}?partitions=3", servers.url("kafka"));
        let folder = tempfile::tempdir().unwrap();
        Self { servers, folder, log, documents, search, bus }
    }

    fn places(&self) -> [Place<'_>; 2] {
        [0, 1].map(|which| Place {
            data: self.folder.path(),
            log: Some(&self.log),
            documents: Some(&self.documents[which]),
            search: Some(&self.search[which]),
        })
    }

    fn place(&self) -> Place<'_> {
        let [by_import, _] = self.places();
        by_import
    }

    async fn role(&self, role: &str) -> Serving {
        let mut words = vec!["serve", "--role", role, "--listen", "127.0.0.1:0"];
        let data = self.folder.path().to_str().unwrap();
        words.extend(["--data", data, "--log", &self.log, "--bus", &self.bus]);
        words.extend(["--documents", &self.documents[1], "--search", &self.search[1]]);
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
    // Before a command API begins, which gives a new installation policies of its own.
    site.importing(source.path(), end).await.kill().await.unwrap();
    let mut roles = vec![];
    for role in ROLES {
        roles.push(site.role(role).await);
    }
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
    for (place, role) in ROLES.into_iter().enumerate() {
        let mut import = site.importing(source.path(), end).await;
        roles[place].child.kill().await.unwrap();
        import.kill().await.unwrap();
        println!("{role} was killed at {:?} of {end}", site.head().await);
        roles[place] = site.role(role).await;
    }

    let last = site.place().import(source.path()).await;
    assert_eq!(last["totals"], whole["totals"]);
    assert_eq!(last["differences"], json!([]));
    let (one, other) = (embedded.history().await, site.place().history().await);
    assert_eq!(one.len(), other.len());
    assert_eq!(one.iter().zip(&other).find(|(one, other)| one != other), None);
    let expected = embedded.everything().await;
    for place in site.places() {
        patiently("the views get there", async || place.has_reached(end).await.then_some(())).await;
        assert_eq!(place.verify().await["findings"], json!([]));
        assert_same(&expected, &place.everything().await);
    }
    drop(roles);
}

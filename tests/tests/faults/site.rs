//! The product on servers of its own, each role in processes of its own behind the test's balancer.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use edge::token::Keys;
use events_schema::Event;
use events_schema::envelope::{Position, Role};
use jangteo::secrets;
use storage::event_log::{self, Filter, READ_MAX};
use storage::world::World;
use tempfile::TempDir;
use tests::http;
use tests::person::Person;
use tests::program;
use tests::servers::Servers;
use tests::wait::eventually;
use tokio::process::Child;

use super::gateway::Gateway;

pub(crate) const SERVERS: [&str; 5] = ["postgres", "kafka", "mongodb", "elasticsearch", "redis"];
/// In the order in which they are upgraded: readers before writers.
pub(crate) const ROLES: [&str; 4] = ["projector", "query-api", "relay", "command-api"];
const VERIFYING: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) servers: Servers,
    pub(crate) gateway: Gateway,
    pub(crate) world: World,
    pub(crate) keys: Keys,
    folder: TempDir,
    stores: Vec<String>,
    started: AtomicUsize,
}

/// A process of one role.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) role: &'static str,
    pub(crate) address: SocketAddr,
    /// It ends with the test.
    _child: Child,
}

impl Site {
    /// The servers and their tables; no role runs yet.
    pub(crate) async fn new() -> Self {
        let servers = Servers::start(&SERVERS).await;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let places = [
            ("--data", data.to_owned()),
            ("--log", servers.url("postgres")),
            ("--documents", format!("{}/jangteo", servers.url("mongodb"))),
            ("--search", servers.url("elasticsearch")),
        ];
        let stores = places.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]);
        let (world, stores) = (World::system(), stores.collect());
        let log = servers.url("postgres");
        let migrate = ["migrate", "--json", "--data", data, "--log", &log];
        let _ = program::run(&migrate).await.well();
        let keys = secrets::token_keys(folder.path(), &world).unwrap();
        let gateway = Gateway::default();
        Self { servers, gateway, world, keys, folder, stores, started: AtomicUsize::new(0) }
    }

    pub(crate) fn somebody(&self, roles: &[Role]) -> Person {
        Person::somebody(&self.keys, &self.world, roles)
    }

    /// Starts so many processes of each role. None is ready before all are there: the projector waits
    /// for topics that the relay makes, and all for the first events.
    pub(crate) async fn start_all(&self, binary: &Path, of_each: usize) -> Vec<Process> {
        let mut processes = vec![];
        for role in ROLES {
            for _ in 0..of_each {
                processes.push(self.spawn(binary, role).await);
            }
        }
        for process in &processes {
            self.let_in(process).await;
        }
        processes
    }

    /// Once it is ready the balancer knows it.
    async fn let_in(&self, process: &Process) {
        let ready = async || process.is_ready().await.then_some(());
        eventually(&format!("{} is ready", process.role), ready).await;
        self.gateway.add(process.role, process.address);
    }

    async fn spawn(&self, binary: &Path, role: &'static str) -> Process {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.path().join(format!("{role}-{number}.log"));
        let bus = format!("{}?partitions=3", self.servers.url("kafka"));
        let cache = self.servers.url("redis");
        let mut words = vec!["serve", "--role", role, "--bus", &bus, "--cache", &cache];
        words.extend(["--listen", "127.0.0.1:0", "--requests-per-minute", "0"]);
        words.extend(self.stores.iter().map(String::as_str));
        let mut child = program::command_of(binary, &words)
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let address = eventually(&format!("{role} listens"), async || {
            let said = std::fs::read_to_string(&log).unwrap();
            assert!(child.try_wait().unwrap().is_none(), "{role} ended: {said}");
            let (_, rest) = said.split_once(" on http://")?;
            rest.split_once(char::is_whitespace)?.0.parse().ok()
        })
        .await;
        Process { role, address, _child: child }
    }

    /// Up to where every view is, as the query API at this address follows them.
    pub(crate) async fn views_at(&self, address: SocketAddr) -> Option<u64> {
        let ready = http::send(address, ("GET", "/health/ready"), &[], b"").await;
        let report = ready.json();
        let views = report["checks"].as_array()?.iter().find(|check| check["name"] == "views")?;
        views["detail"].as_str()?.strip_prefix("at ")?.parse().ok()
    }

    pub(crate) async fn head(&self) -> u64 {
        let url = self.servers.url("postgres");
        let log = event_log::open_read_only(&url, self.world.clone()).await.unwrap();
        let head = log.head().await.unwrap().position.0;
        log.close().await;
        head
    }

    /// The categories of the whole history: their ids by name.
    pub(crate) async fn categories(&self) -> BTreeMap<String, Vec<String>> {
        let url = self.servers.url("postgres");
        let log = event_log::open_read_only(&url, self.world.clone()).await.unwrap();
        let (mut after, mut found) = (Position(0), BTreeMap::<String, Vec<String>>::new());
        loop {
            let page = log.read(after, &Filter::default(), READ_MAX).await.unwrap().events;
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in page {
                let event = recorded.decode().unwrap().event;
                if let Event::Category(events_schema::category::Event::Created(created)) = event {
                    let ids = found.entry(created.name.to_string()).or_default();
                    ids.push(created.category_id.to_string());
                }
            }
        }
        log.close().await;
        found
    }

    /// Every hash, every sum, every document recomputed.
    pub(crate) async fn verify(&self) {
        let mut words = vec!["verify", "--json"];
        words.extend(self.stores.iter().map(String::as_str));
        let verified = program::finish_within(VERIFYING, program::command(&words)).await.well();
        assert_eq!(verified["findings"], serde_json::json!([]));
    }
}

impl Process {
    pub(crate) async fn is_ready(&self) -> bool {
        let request = http::request(("GET", "/health/ready"), &[], b"");
        let reply = http::try_exchange(self.address, &request).await;
        reply.is_ok_and(|reply| reply.status == 200)
    }
}

//! The product on servers of its own, each role in processes of its own behind the test's balancer.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use edge::token::Keys;
use events_schema::envelope::Role;
use jangteo::secrets;
use storage::world::World;
use tempfile::TempDir;
use tests::http;
use tests::person::Person;
use tests::program;
use tests::servers::Servers;
use tests::wait::{PATIENCE, eventually};
use tokio::process::Child;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout};

use super::gateway::Gateway;

pub(crate) const SERVERS: [&str; 5] = ["postgres", "kafka", "mongodb", "elasticsearch", "redis"];
/// In the order in which they are upgraded: readers before writers.
pub(crate) const ROLES: [&str; 4] = ["projector", "query-api", "relay", "command-api"];

/// A machine is small, and time is what these tests measure.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) servers: Servers,
    pub(crate) gateway: Gateway,
    pub(crate) world: World,
    pub(crate) keys: Keys,
    folder: TempDir,
    pub(crate) stores: Vec<String>,
    started: AtomicUsize,
    /// Let go when the servers have ended.
    _alone: MutexGuard<'static, ()>,
}

/// A process of one role.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) role: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
    log: PathBuf,
}

impl Site {
    /// The servers and their tables; no role runs yet.
    pub(crate) async fn new(binary: &Path) -> Self {
        let alone = ONE_AT_A_TIME.lock().await;
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
        let keys = secrets::token_keys(folder.path(), &world).unwrap();
        let gateway = Gateway::default();
        let started = AtomicUsize::new(0);
        let site = Self { servers, gateway, world, keys, folder, stores, started, _alone: alone };
        site.migrate(binary).await;
        site
    }

    /// Brings the tables to the level of this build.
    pub(crate) async fn migrate(&self, binary: &Path) {
        let data = self.folder.path().to_str().unwrap();
        let log = self.servers.url("postgres");
        let migrate = ["migrate", "--json", "--data", data, "--log", &log];
        let _ = program::finish(program::command_of(binary, &migrate)).await.well();
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

    pub(crate) async fn start(&self, binary: &Path, role: &'static str) -> Process {
        let process = self.spawn(binary, role).await;
        self.let_in(&process).await;
        process
    }

    /// Once it is ready the balancer knows it.
    async fn let_in(&self, process: &Process) {
        let ready = async || process.is_ready().await.then_some(());
        eventually(&format!("{} is ready", process.role), ready).await;
        self.gateway.add(process.role, process.address);
    }

    /// It listens; whether it is ready is another matter.
    pub(crate) async fn spawn(&self, binary: &Path, role: &'static str) -> Process {
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
        Process { role, address, child, log }
    }

    /// Tells it to stop and waits for its end. The balancer is told nothing before.
    pub(crate) async fn stop(&self, process: Process) -> Stopped {
        let began = Instant::now();
        process.signal("-TERM");
        let Process { role, address, mut child, log } = process;
        let status = timeout(PATIENCE * 2, child.wait()).await.expect("it ends in time").unwrap();
        self.gateway.remove(role, address);
        Stopped { status, took: began.elapsed(), said: std::fs::read_to_string(&log).unwrap() }
    }
}

impl Process {
    pub(crate) async fn is_ready(&self) -> bool {
        let request = http::request(("GET", "/health/ready"), &[], b"");
        let reply = http::try_exchange(self.address, &request).await;
        reply.is_ok_and(|reply| reply.status == 200)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let told = std::process::Command::new("kill").args([name, &id]).status().unwrap();
        assert!(told.success());
    }

    /// What it has logged so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
    pub(crate) said: String,
}

//! Real stores in a folder of their own, and a projector over them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use projector::registry::{Spec, VIEWS};
use projector::{Ports, Projector};
use storage::bus::SharedBus;
use storage::bus::tail::TailBus;
use storage::bus::unruly::UnrulyBus;
use storage::documents::{PAGE_MAX, SharedDocuments, Stored};
use storage::event_log::sqlite::SqliteLog;
use storage::event_log::{
    Appended, COMMAND_EVENTS_MAX, Command, Intent, NewEvent, Principal, SharedLog, Unit,
};
use storage::search::Entry;
use storage::world::World;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const SOON: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) folder: TempDir,
    pub(crate) log: SharedLog,
    pub(crate) documents: SharedDocuments,
    pub(crate) ports: Ports,
}

pub(crate) enum Bus {
    Tail,
    Unruly(u64),
}

impl Stores {
    pub(crate) async fn new(bus: Bus) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let world = World::simulated(1, Timestamp::EPOCH);
        let log = SqliteLog::open(path("log"), world.clone()).await.unwrap();
        let log: SharedLog = Arc::new(log);
        let bus: SharedBus = match bus {
            Bus::Tail => Arc::new(TailBus::new(Arc::clone(&log))),
            Bus::Unruly(seed) => Arc::new(UnrulyBus::new(Arc::clone(&log), seed)),
        };
        let url = format!("sqlite:{}", path("documents"));
        let documents = storage::documents::open(&url).await.unwrap();
        let url = format!("tantivy:{}", path("search"));
        let search = storage::search::open(&url).await.unwrap();
        let kept = (documents.clone(), search);
        let ports = Ports::of_one_process(log.clone(), bus, kept, world);
        Self { folder, log, documents, ports }
    }

    /// Closes the log, raises its epoch and opens it again.
    pub(crate) async fn begin_epoch(&mut self) {
        let path = self.folder.path().join("log");
        let world = self.ports.world.clone();
        // While the file changes hands, another log stands in.
        let other = self.folder.path().join("other");
        let other: SharedLog = Arc::new(SqliteLog::open(other, world.clone()).await.unwrap());
        self.use_log(other);
        let raised = || async { storage::event_log::sqlite::raise_epoch(&path).await.is_ok() };
        eventually(raised).await;
        self.use_log(Arc::new(SqliteLog::open(&path, world).await.unwrap()));
    }

    fn use_log(&mut self, log: SharedLog) {
        self.ports.bus = Arc::new(TailBus::new(Arc::clone(&log)));
        self.ports.log = Arc::clone(&log);
        self.log = log;
    }

    /// Appends these events, whose versions go on from what is there.
    pub(crate) async fn append(&self, events: &[Recorded<Event>]) {
        for events in events.chunks(COMMAND_EVENTS_MAX) {
            let mut before: BTreeMap<StreamId, Version> = BTreeMap::new();
            for Recorded { meta, .. } in events {
                before.entry(meta.stream).or_insert(Version(meta.version.0 - 1));
            }
            let new = |recorded: &Recorded<Event>| NewEvent {
                meta: recorded.meta.clone(),
                payload: recorded.event.encode().unwrap(),
            };
            let key = events[0].position.to_string();
            let principal = Principal::Process("test".to_owned());
            let command = Command {
                intent: Intent { principal, key, fingerprint: [0; 32] },
                answer: b"{}".to_vec(),
                events: events.iter().map(new).collect(),
            };
            let unit = Unit { conditions: before.into_iter().collect(), commands: vec![command] };
            let appended = self.log.append(unit).await.unwrap();
            assert!(matches!(appended, Appended::Done(_)), "{appended:?}");
        }
    }

    /// Every document of every view, as it serves, by view and id.
    pub(crate) async fn everything(&self) -> BTreeMap<(&'static str, String), Stored> {
        let mut all = BTreeMap::new();
        for spec in VIEWS {
            for stored in self.documents_of(spec).await {
                all.insert((spec.name, stored.id.clone()), stored);
            }
        }
        all
    }

    pub(crate) async fn documents_of(&self, spec: &Spec) -> Vec<Stored> {
        let collection = (spec.collection)();
        let serving = self.documents.serving(collection).await.unwrap().unwrap();
        let mut all: Vec<Stored> = vec![];
        loop {
            let after = all.last().map(|stored| stored.id.clone());
            let page = self.documents.scan(collection, serving, after.as_deref(), PAGE_MAX);
            let page = page.await.unwrap();
            let is_last = page.len() < PAGE_MAX;
            all.extend(page);
            if is_last {
                return all;
            }
        }
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let spec = projector::registry::view("listing_search").unwrap();
        let serving = self.documents.serving((spec.collection)()).await.unwrap().unwrap();
        self.ports.search.scan(serving, None, 100).await.unwrap()
    }
}

/// A projector that runs until it is ended.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) projector: Projector,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Running {
    pub(crate) fn start(ports: Ports) -> Self {
        let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let projector = Projector::start(ports, tracker.clone(), shutdown.clone());
        Self { projector, tracker, shutdown }
    }

    /// Waits until every view has reached this position.
    pub(crate) async fn reach(&self, position: u64) {
        for spec in VIEWS {
            let views = self.projector.views();
            let reached = views.wait_until(spec.name, Position(position), SOON).await;
            assert_eq!(reached, Ok(()), "{}: {:?}", spec.name, views.state(spec.name));
        }
    }

    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Waits until the condition holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("it never came true");
}

//! A small market with everything real, and a client for it.

pub(crate) mod counting;
pub(crate) mod market;
pub(crate) mod trade;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use axum::response::Response;
use edge::app::App;
use edge::health::Health;
use edge::secret::Secret;
use edge::state::Edge;
use edge::token::{Caller, Keys};
use events_schema::Event;
use events_schema::content_hash::ContentHash;
use events_schema::envelope::{Actor, Meta, Origin, Position, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use http_body_util::BodyExt;
use projector::{Ports, Projector};
use query_api::state::{Config, Queries, Sources};
use serde_json::Value;
use storage::bus::tail::TailBus;
use storage::cache::SharedCache;
use storage::documents::watched::Watched;
use storage::event_log::{Appended, Command, Filter, Intent, NewEvent, Principal, SharedLog, Unit};
use storage::keys::seal::Sealer;
use storage::world::World;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::counting::Counting;

/// How long a view may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const NOON: Timestamp = Timestamp::from_unix_micros(1_700_000_000_000_000);
const DAY: u32 = 86_400;

/// The whole read side in one process.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) log: SharedLog,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) edge: Edge,
    pub(crate) app: App,
    pub(crate) projector: Projector,
    pub(crate) documents: Arc<Watched<Counting>>,
    pub(crate) closing: CancellationToken,
    sources: Sources,
    config: Config,
    versions: Mutex<HashMap<StreamId, Version>>,
    commands: AtomicU64,
    _folder: TempDir,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Self { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::waiting(PATIENCE).await
    }

    /// Requests wait so long for views.
    pub(crate) async fn waiting(view_wait: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at =
            |scheme: &str, name: &str| format!("{scheme}:{}", folder.path().join(name).display());
        let world = World::simulated(1, NOON);
        let log = storage::event_log::open(&at("sqlite", "log.db"), world.clone()).await.unwrap();
        let stored = storage::documents::open(&at("sqlite", "documents.db")).await.unwrap();
        let documents = Arc::new(Watched::new(stored.clone(), Counting::default()));
        let search = storage::search::open(&at("tantivy", "search")).await.unwrap();
        let keys = storage::keys::open(&at("sqlite", "keys.db"), world.clone()).await.unwrap();
        let sealer = Arc::new(Sealer::new(keys, world.clone()));
        let bus = Arc::new(TailBus::new(log.clone()));
        let kept = (stored, search.clone());
        let ports = Ports::of_one_process(log.clone(), bus, kept, world.clone());
        let closing = CancellationToken::new();
        let projector = Projector::start(ports, TaskTracker::new(), closing.clone());
        let keys = Keys::load_or_create(&folder.path().join("key.pem"), &world).unwrap();
        let limits = edge::state::Config { requests_per_minute: 0, ..Default::default() };
        let edge = Edge::new(world.clone(), keys, &Secret::generate(&world), limits);
        let views = projector.views().clone();
        let sources = Sources {
            log: log.clone(),
            documents: documents.clone(),
            search,
            sealer: sealer.clone(),
            views,
            shared_cache: None,
        };
        let config = Config { view_wait, ..Config::default() };
        let app = an_app(&edge, sources.clone(), config, &closing);
        let (versions, commands) = (Mutex::default(), AtomicU64::new(0));
        let stage = Self {
            world,
            log,
            sealer,
            edge,
            app,
            projector,
            documents,
            closing,
            sources,
            config,
            versions,
            commands,
            _folder: folder,
        };
        eventually(|| stage.projector.views().is_ready()).await;
        stage
    }

    /// Another process that reads the same, and keeps answers in this cache.
    pub(crate) fn another_app(&self, cache: SharedCache) -> App {
        let sources = Sources { shared_cache: Some(cache), ..self.sources.clone() };
        an_app(&self.edge, sources, self.config, &self.closing)
    }

    /// Records one command's events, a second after the last.
    pub(crate) async fn record(&self, events: Vec<Event>) -> Position {
        self.world.advance_to(self.world.now().plus_seconds(1));
        self.record_at(self.world.now(), events).await
    }

    /// Records events that happened at another time.
    pub(crate) async fn record_at(&self, occurred_at: Timestamp, events: Vec<Event>) -> Position {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        let trade = events.iter().find_map(Event::checkout_id);
        let command_id = CommandId::new(self.world.uuid());
        let correlation_id =
            CorrelationId::new(trade.map_or(command_id.as_uuid(), |id| id.as_uuid()));
        let mut conditions: Vec<(StreamId, Version)> = Vec::new();
        let mut written = Vec::new();
        for event in events {
            let stream = market::stream_of(&event);
            let mut versions = self.versions.lock().unwrap();
            let version = versions.entry(stream).or_default();
            if !conditions.iter().any(|(known, _)| *known == stream) {
                conditions.push((stream, *version));
            }
            *version = version.next();
            let meta = Meta {
                stream,
                version: *version,
                partition_key: PartitionKey::of(stream, &event),
                event_id: EventId::new(self.world.uuid()),
                event_type: event.event_type().into(),
                schema_version: event.schema_version(),
                occurred_at,
                actor: Actor::Process("test".into()),
                on_behalf_of: None,
                origin: Origin::Import,
                command_id,
                correlation_id,
                causation_id: None,
                trace_context: None,
            };
            written.push(NewEvent { meta, payload: event.encode().unwrap() });
        }
        let principal = Principal::Process("test".to_owned());
        let intent = Intent { principal, key: number.to_string(), fingerprint: [0; 32] };
        let command = Command { intent, answer: b"{}".to_vec(), events: written };
        let unit = Unit { conditions, commands: vec![command] };
        let Appended::Done(positions) = self.log.append(unit).await.unwrap() else {
            panic!("not appended")
        };
        positions[0]
    }

    pub(crate) async fn head(&self) -> Position {
        self.log.head().await.unwrap().position
    }

    /// Returns once every view has seen everything.
    pub(crate) async fn settle(&self) {
        let head = self.head().await;
        eventually(|| self.projector.views().lowest() >= head).await;
    }

    pub(crate) async fn get(&self, caller: Option<&Caller>, path: &str) -> Reply {
        self.ask(caller, path, &[]).await
    }

    pub(crate) async fn ask(
        &self,
        caller: Option<&Caller>,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        Reply::of(self.app.answer(self.request(caller, path, headers)).await).await
    }

    pub(crate) fn request(
        &self,
        caller: Option<&Caller>,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Request<Body> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(caller) = caller {
            let token = self.edge.keys().issue(caller, DAY, self.world.now()).unwrap();
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.body(Body::empty()).unwrap()
    }

    /// Every position of the log with its hash.
    pub(crate) async fn all(&self) -> Vec<(u64, ContentHash)> {
        let events = self.log.read(Position(0), &Filter::default(), 4_096).await.unwrap().events;
        events.iter().map(|event| (event.position.0, event.content_hash)).collect()
    }
}

fn an_app(edge: &Edge, sources: Sources, config: Config, closing: &CancellationToken) -> App {
    let queries = Queries::new(edge, sources, config, closing.clone());
    App::new(query_api::routes::routes(edge, queries), Health::new(), "queries").unwrap()
}

pub(crate) fn id<T>(number: u128, new: impl Fn(Uuid) -> T) -> T {
    new(Uuid::from_u128(number))
}

pub(crate) async fn eventually(holds: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(tokio::time::Instant::now() < until, "never came about");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

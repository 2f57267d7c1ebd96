//! A market that a seed plays: command → log → bus → views on one thread, and the trace it leaves.

mod player;

use std::sync::Arc;

use events_schema::envelope::{Position, Recorded};
use events_schema::time::Timestamp;
use jangteo::cache::CacheOptions;
use jangteo::secrets;
use jangteo::service::{HttpOptions, Options, Roles, Service};
use jangteo::stores::{BusOptions, StoreOptions, Stores, Urls};
use projector::registry::VIEWS;
use projector::{Ports, Projector};
use sha2::{Digest, Sha256};
use storage::bus::SharedBus;
use storage::bus::tail::TailBus;
use storage::bus::unruly::UnrulyBus;
use storage::documents::{Documents, PAGE_MAX};
use storage::event_log::{self, Filter, READ_MAX};
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::wait::eventually;
use player::Player;

const START: Timestamp = Timestamp::from_unix_micros(1_700_000_000_000_000);

/// What brings events to views.
#[derive(Clone, Copy, Debug)]
pub enum Bus {
    Tail,
    Unruly,
}

/// What a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Over every column of every event, and over every document.
    pub hash: String,
    pub events: usize,
    pub documents: usize,
    /// Commands that were done, and that a rule refused.
    pub done: usize,
    pub refused: usize,
}

/// Plays so many commands of this seed on stores of their own.
///
/// # Panics
/// When a store fails, or a command gets an answer that no client should.
pub async fn run(seed: u64, bus: Bus, commands: usize) -> Trace {
    let folder = tempfile::tempdir().unwrap();
    let world = World::simulated(seed, START);
    let store_options = StoreOptions::in_folder(folder.path(), Urls::default());
    event_log::migrate(&store_options.log_url()).await.unwrap();
    let stores = Stores::open(&store_options, &world).await.unwrap();
    let http_options = HttpOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        cache: CacheOptions::default(),
        requests_per_minute: 0,
        route_limits: vec![],
        trusted_proxies: 0,
        connections_max: 1,
    };
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let bus_options = BusOptions::default();
    let options = Options { stores: &store_options, bus: &bus_options, http: &http_options };
    let service = Service::start(Roles::COMMANDS, &stores, options, &world).await.unwrap();

    let bus: SharedBus = match bus {
        Bus::Tail => Arc::new(TailBus::new(stores.log.clone())),
        Bus::Unruly => Arc::new(UnrulyBus::new(stores.log.clone(), seed)),
    };
    let ports = Ports { bus, ..stores.views().unwrap() };
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let projector = Projector::start(ports.clone(), tracker.clone(), shutdown.clone());

    let mut player = Player::new(seed, service.app.clone(), keys, world);
    for _ in 0..commands {
        player.play().await;
    }
    let head = stores.log.head().await.unwrap().position;
    eventually("the views catch up", async || (projector.views().lowest() >= head).then_some(()))
        .await;
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    service.shutdown.cancel();

    let mut trace = Sha256::new();
    let events = hash_events(&stores, &mut trace).await;
    let documents = hash_documents(&*ports.documents, &mut trace).await;
    let hash = trace.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Trace { hash, events, documents, done: player.done, refused: player.refused }
}

async fn hash_events(stores: &Stores, trace: &mut Sha256) -> usize {
    let (mut after, mut count) = (Position(0), 0);
    loop {
        let page = stores.log.read(after, &Filter::default(), READ_MAX).await.unwrap().events;
        let Some(last) = page.last() else { return count };
        (after, count) = (last.position, count + page.len());
        for recorded in page {
            let Recorded { position, epoch, recorded_at, content_hash, meta, event } = recorded;
            let columns = format!("{position} {epoch:?} {recorded_at} {content_hash} {meta:?}");
            part(trace, columns.as_bytes());
            part(trace, &event);
        }
    }
}

async fn hash_documents(documents: &dyn Documents, trace: &mut Sha256) -> usize {
    let mut count = 0;
    for view in VIEWS {
        let collection = (view.collection)();
        let generation = documents.serving(collection).await.unwrap().unwrap();
        let mut after: Option<String> = None;
        loop {
            let page = documents.scan(collection, generation, after.as_deref(), PAGE_MAX);
            let page = page.await.unwrap();
            let Some(last) = page.last() else { break };
            (after, count) = (Some(last.id.clone()), count + page.len());
            for document in &page {
                let name = format!("{} {} {}", view.name, document.id, document.position);
                part(trace, name.as_bytes());
                part(trace, document.body.as_deref().unwrap_or_default());
            }
        }
    }
    count
}

/// Each part with its length before it, so that no two traces run together.
fn part(trace: &mut Sha256, bytes: &[u8]) {
    trace.update(bytes.len().to_be_bytes());
    trace.update(bytes);
}

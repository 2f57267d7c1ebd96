//! A listing that the Elasticsearch of `JANGTEO_TEST_ELASTICSEARCH` refuses is parked; the others are found,
//! and so is it once it is un-parked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use projector::parked::{self, Code, Unparked};
use projector::progress::Health;
use projector::registry::view;
use projector::verify::verify;
use projector::{Ports, Projector};
use storage::bus::tail::TailBus;
use storage::search::watched::{Watch, Watched};
use storage::search::{Entry, Refused, SCAN_MAX, Search, SharedSearch};
use storage::world::World;
use storage::{documents, event_log};
use tests::program::imported;
use tests::wait::{PATIENCE, eventually};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const VIEW: &str = "listing_search";

/// Gives one listing a brand that is longer than the index takes, until it is told to stop.
#[derive(Debug, Default)]
struct Endless {
    listing: OnceLock<String>,
    is_over: AtomicBool,
}

impl Watch for Endless {
    fn before_put(&self, entries: &mut Vec<Entry>) -> Vec<Refused> {
        for Entry { id, fields, .. } in entries {
            let Some(fields) = fields else { continue };
            let is_it = self.listing.get_or_init(|| id.clone()) == id;
            if is_it && !self.is_over.load(Ordering::SeqCst) {
                fields.brand = Some("가".repeat(20_000));
            }
        }
        vec![]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_elasticsearch_refuses_waits_and_the_others_are_found() {
    let (folder, data) = imported().await;
    let world = World::system();
    let log = event_log::open(&format!("sqlite:{data}/events.db"), world.clone()).await.unwrap();
    let documents = documents::open(&format!("sqlite:{data}/other.db")).await.unwrap();
    let server = std::env::var("JANGTEO_TEST_ELASTICSEARCH").unwrap();
    let prefix = format!("refused{}", world.uuid().simple());
    let url = format!("{}?prefix={prefix}", server.trim_end_matches('/'));
    let real = storage::search::open(&url).await.unwrap();
    let search = Arc::new(Watched::new(real, Endless::default()));
    let bus = Arc::new(TailBus::new(log.clone()));
    let kept: (_, SharedSearch) = (documents.clone(), search.clone());
    let ports = Ports::of_one_process(log.clone(), bus, kept, world.clone());

    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let projector = Projector::start(ports.clone(), tracker.clone(), shutdown.clone());
    let (views, head) = (projector.views(), log.head().await.unwrap().position);
    eventually("the views get there", async || (views.lowest() >= head).then_some(())).await;
    let state = views.state(VIEW).unwrap();
    let listing = search.watch.listing.get().unwrap().clone();
    assert_eq!(state.health, Health::Live);
    assert!(state.parked.iter().eq([&listing]), "{:?}", state.parked);
    let document = parked::find(&*documents, VIEW, &listing).await.unwrap().unwrap();
    assert_eq!(document.code, Code::SearchRefused);
    assert!(document.reason.contains("brand"), "{}", document.reason);
    let found = async || search.scan(state.generation, None, SCAN_MAX).await.unwrap();
    let others = found().await.len();
    assert!(others > 1 && found().await.iter().all(|entry| entry.id != listing), "{others}");

    let unpark = || parked::unpark(&*documents, &world, (VIEW, &listing), PATIENCE);
    assert_eq!(unpark().await.unwrap(), Unparked::ParkedAgain(document.reason));
    search.watch.is_over.store(true, Ordering::SeqCst);
    assert_eq!(unpark().await.unwrap(), Unparked::Flows(document.positions.len()));
    assert_eq!(found().await.len(), others + 1);
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    let verified = verify(&ports, &[(view(VIEW).unwrap(), state.generation)]).await.unwrap();
    assert!(verified[0].is_clean(), "{verified:?}");
    search.drop_generation(state.generation).await.unwrap();
    drop(folder);
}

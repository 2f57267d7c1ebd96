//! Several projectors share the work: each part is done once, whoever dies is taken over, and whoever
//! wakes too late does no harm.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::Position;
use projector::registry::VIEWS;
use projector::{Ports, Projector};
use storage::leases::memory::MemoryLeases;
use storage::leases::{Error, LIFE, Lease, Leases, SharedLeases};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::follow::assert_clean;
use crate::market::Market;
use crate::stores::{Bus, Running, Stores, eventually};

/// What one process sees of shared leases: it can fall silent.
#[derive(Debug)]
struct Line {
    leases: SharedLeases,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    async fn reached(&self) {
        while self.is_cut.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[async_trait]
impl Leases for Line {
    async fn hold(&self, holder: &str, names: &[String]) -> Result<Vec<Lease>, Error> {
        self.reached().await;
        self.leases.hold(holder, names).await
    }

    async fn release(&self, holder: &str, names: &[String]) -> Result<(), Error> {
        self.reached().await;
        self.leases.release(holder, names).await
    }

    async fn note(&self, lease: &Lease, position: Position) -> Result<bool, Error> {
        self.reached().await;
        self.leases.note(lease, position).await
    }

    async fn holders(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        self.reached().await;
        self.leases.holders(prefix).await
    }
}

pub(crate) fn member(stores: &Stores, name: &str, leases: &SharedLeases) -> Ports {
    Ports { leases: leases.clone(), holder: name.to_owned(), ..stores.ports.clone() }
}

/// How many parts of all views a projector works on.
fn parts(projector: &Projector) -> usize {
    projector.views().states().values().map(|state| state.parts.len()).sum()
}

/// Every view's documents hold everything up to here, whoever wrote them.
pub(crate) async fn stored(stores: &Stores, position: u64) {
    eventually(|| async {
        for spec in VIEWS {
            let collection = (spec.collection)();
            let Some(serving) = stores.documents.serving(collection).await.unwrap() else {
                return false;
            };
            let checkpoint = stores.documents.checkpoint(collection, serving).await.unwrap();
            let reached = checkpoint.map(|checkpoint| checkpoint.position());
            if reached < Some(Position(position)) {
                return false;
            }
        }
        true
    })
    .await;
}

async fn shared() -> (Stores, Market, SharedLeases) {
    let stores = Stores::new(Bus::Unruly(7)).await;
    (stores, Market::busy(7, 40), Arc::new(MemoryLeases::new(LIFE)))
}

#[tokio::test(flavor = "multi_thread")]
async fn three_who_come_and_go_give_the_documents_that_one_gives() {
    let (stores, market, leases) = shared().await;
    let (early, late) = market.events.split_at(market.events.len() / 2);
    let one = Running::start(member(&stores, "one", &leases));
    stores.append(early).await;
    let two = Running::start(member(&stores, "two", &leases));
    let three = Running::start(member(&stores, "three", &leases));
    let all = parts_of_all();
    eventually(|| async {
        let each = [&one, &two, &three].map(|running| parts(&running.projector));
        each.iter().all(|parts| *parts > 0) && each.iter().sum::<usize>() == all
    })
    .await;
    stores.append(late).await;
    one.end().await;
    stored(&stores, u64::try_from(market.events.len()).unwrap()).await;
    two.end().await;
    three.end().await;
    assert_clean(&stores).await;
}

/// Of views whose documents come from one partition there are twelve parts each.
fn parts_of_all() -> usize {
    let of = |spec: &projector::registry::Spec| match spec.order {
        projector::view::Order::Key => 12,
        projector::view::Order::Log => 1,
    };
    VIEWS.iter().map(of).sum()
}

/// A process of its own, as far as dying goes.
fn process() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_is_taken_over_within_ten_seconds() {
    let (stores, market, leases) = shared().await;
    let (early, late) = market.events.split_at(market.events.len() / 2);
    let dying = process();
    let ports = member(&stores, "dying", &leases);
    let projector = {
        let _entered = dying.enter();
        Projector::start(ports, TaskTracker::new(), CancellationToken::new())
    };
    let heir = Running::start(member(&stores, "heir", &leases));
    eventually(|| async { parts(&projector) > 0 && parts(&heir.projector) > 0 }).await;
    stores.append(early).await;
    dying.shutdown_background();
    let died_at = std::time::Instant::now();
    stores.append(late).await;
    stored(&stores, u64::try_from(market.events.len()).unwrap()).await;
    assert!(died_at.elapsed() < Duration::from_secs(10), "{:?}", died_at.elapsed());
    heir.end().await;
    assert_clean(&stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lost_its_leases_unnoticed_does_no_harm_when_it_is_back() {
    let (stores, market, leases) = shared().await;
    let (early, late) = market.events.split_at(market.events.len() / 2);
    let is_cut = Arc::new(AtomicBool::new(false));
    let line: SharedLeases = Arc::new(Line { leases: leases.clone(), is_cut: is_cut.clone() });
    let silent = Running::start(member(&stores, "silent", &line));
    let other = Running::start(member(&stores, "other", &leases));
    eventually(|| async { parts(&silent.projector) > 0 && parts(&other.projector) > 0 }).await;
    stores.append(early).await;
    is_cut.store(true, Ordering::SeqCst);
    stores.append(late).await;
    stored(&stores, u64::try_from(market.events.len()).unwrap()).await;
    let expected = stores.everything().await;
    is_cut.store(false, Ordering::SeqCst);
    eventually(|| async {
        parts(&silent.projector) > 0 && parts(&other.projector) < parts_of_all()
    })
    .await;
    assert_eq!(stores.everything().await, expected);
    silent.end().await;
    other.end().await;
    assert_clean(&stores).await;
}

//! A document that the search index does not take is parked; others are found.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use events_schema::envelope::Position;
use projector::Ports;
use projector::parked::{self, Code, Unparked};
use projector::progress::Health;
use projector::registry::view;
use projector::verify::verify;
use storage::leases::memory::MemoryLeases;
use storage::leases::{LIFE, SharedLeases};
use storage::search::watched::{Watch, Watched};
use storage::search::{Entry, Refused};

use super::parking::{positions, unpark};
use super::sharing::{member, stored};
use crate::market::{Market, id};
use crate::stores::{Bus, Running, Stores, eventually};

/// Takes no entry of these listings until it is told to.
#[derive(Debug)]
struct Picky {
    listings: Range<u32>,
    is_mended: AtomicBool,
    /// It says nothing at all meanwhile.
    is_thinking: AtomicBool,
}

impl Picky {
    fn before(stores: &Stores, listings: Range<u32>) -> Arc<Watched<Self>> {
        let (is_mended, is_thinking) = (AtomicBool::new(false), AtomicBool::new(false));
        let picky = Self { listings, is_mended, is_thinking };
        Arc::new(Watched::new(stores.ports.search.clone(), picky))
    }
}

impl Watch for Picky {
    fn before_put(&self, entries: &mut Vec<Entry>) -> Vec<Refused> {
        while self.is_thinking.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let is_refused = |entry: &Entry| {
            let mut listings = self.listings.clone();
            !self.is_mended.load(Ordering::SeqCst)
                && listings.any(|number| entry.id == id("lst", number))
        };
        let refused = entries.extract_if(.., |entry| is_refused(entry));
        let reason = "immense ".repeat(100);
        refused.map(|entry| Refused { id: entry.id, reason: reason.clone() }).collect()
    }
}

async fn ids(stores: &Stores) -> Vec<String> {
    stores.entries().await.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_search_refuses_waits_and_others_are_found() {
    let mut market = Market::default();
    market.happens("listing.observed", 1, 1);
    market.happens("listing.observed", 2, 2);
    let stores = Stores::new(Bus::Unruly(3)).await;
    let search = Picky::before(&stores, 1..2);
    stores.append(&market.events).await;
    let running = Running::start(Ports { search: search.clone(), ..stores.ports.clone() });
    running.reach(2).await;
    market.happens("listing.price_changed", 1, 1);
    market.happens("listing.price_changed", 2, 2);
    stores.append(&market.events[2..]).await;
    running.reach(4).await;

    let (first, second) = (id("lst", 1), id("lst", 2));
    let views = running.projector.views();
    assert!(views.is_parked("listing_search", &first));
    assert!(!views.is_parked("listing_page", &first), "it is read as it stands");
    assert_eq!(views.state("listing_search").unwrap().health, Health::Live);
    assert_eq!(ids(&stores).await, std::slice::from_ref(&second));
    let parked = parked::list(&*stores.documents, "listing_search").await.unwrap();
    assert_eq!((parked.len(), parked[0].code), (1, Code::SearchRefused));
    // What only queues up is written a moment later.
    eventually(|| async { positions(&stores, "listing_search").await == [1, 3] }).await;
    assert!(parked[0].reason.starts_with("immense immense") && parked[0].reason.len() == 300);
    assert_eq!(stores.documents_of(view("listing_search").unwrap()).await.len(), 1);

    let again = unpark(&stores, "listing_search", &first).await.unwrap();
    assert_eq!(again, Unparked::ParkedAgain(parked[0].reason.clone()));
    search.watch.is_mended.store(true, Ordering::SeqCst);
    let flows = unpark(&stores, "listing_search", &first).await.unwrap();
    assert_eq!(flows, Unparked::Flows(2));
    assert_eq!(ids(&stores).await, [first, second]);
    running.end().await;
    assert_clean(&stores, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_comes_while_a_document_is_refused_waits_with_it() {
    let mut market = Market::default();
    market.happens("listing.observed", 1, 1);
    for event_type in ["listing.price_changed", "listing.price_changed"] {
        market.happens(event_type, 1, 1);
    }
    let stores = Stores::new(Bus::Tail).await;
    let search = Picky::before(&stores, 1..2);
    search.watch.is_thinking.store(true, Ordering::SeqCst);
    let running = Running::start(Ports { search: search.clone(), ..stores.ports.clone() });
    for (number, event) in market.events.chunks(1).enumerate() {
        stores.append(event).await;
        let views = running.projector.views();
        let position = Position(u64::try_from(number).unwrap() + 1);
        views.wait_until("listing_page", position, Duration::from_secs(10)).await.unwrap();
        // The other view has folded it by now as well, and says so to nobody.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let state = running.projector.views().state("listing_search").unwrap();
    assert_eq!(state.position, Position(0), "nothing of it is stored");
    search.watch.is_thinking.store(false, Ordering::SeqCst);
    running.reach(3).await;
    eventually(|| async { positions(&stores, "listing_search").await == [1, 2, 3] }).await;
    search.watch.is_mended.store(true, Ordering::SeqCst);
    let flows = unpark(&stores, "listing_search", &id("lst", 1)).await.unwrap();
    assert_eq!(flows, Unparked::Flows(3));
    running.end().await;
    assert_clean(&stores, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_unparked_by_whoever_works_on_them() {
    let mut market = Market::default();
    for event_type in ["listing.observed", "listing.price_changed", "listing.price_changed"] {
        (1..10).for_each(|number| market.happens(event_type, number, number));
    }
    let stores = Stores::new(Bus::Unruly(4)).await;
    let search = Picky::before(&stores, 1..8);
    let leases: SharedLeases = Arc::new(MemoryLeases::new(LIFE));
    let member = |name| Ports { search: search.clone(), ..member(&stores, name, &leases) };
    let (one, two) = (Running::start(member("one")), Running::start(member("two")));
    let parts = |running: &Running| {
        let state = running.projector.views().state("listing_search").unwrap();
        state.parts.len()
    };
    eventually(|| async { parts(&one) > 0 && parts(&two) > 0 && parts(&one) + parts(&two) == 12 })
        .await;
    stores.append(&market.events).await;
    stored(&stores, 27).await;
    let parked = parked::list(&*stores.documents, "listing_search").await.unwrap();
    let parked_by = |running: &Running| {
        let state = running.projector.views().state("listing_search").unwrap();
        state.parked.len()
    };
    assert_eq!(parked.len(), 7);
    // Whoever has parked some looks what others have parked.
    eventually(|| async { parked_by(&one) == 7 && parked_by(&two) == 7 }).await;

    search.watch.is_mended.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    for number in 1..8 {
        let flows = unpark(&stores, "listing_search", &id("lst", number)).await.unwrap();
        assert_eq!(flows, Unparked::Flows(3), "{number}");
    }
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    assert_eq!(ids(&stores).await.len(), 9);
    one.end().await;
    two.end().await;
    assert_clean(&stores, 9).await;
}

async fn assert_clean(stores: &Stores, documents: u64) {
    let spec = view("listing_search").unwrap();
    let serving = stores.documents.serving((spec.collection)()).await.unwrap().unwrap();
    let verified = verify(&stores.ports, &[(spec, serving)]).await.unwrap();
    assert!(verified[0].is_clean() && verified[0].documents == documents, "{verified:?}");
}

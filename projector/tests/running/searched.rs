//! The index is told what changes how a listing is found, and nothing else.

use std::sync::Arc;

use projector::Ports;
use storage::search::watched::{Watch, Watched};
use storage::search::{Entry, Refused};
use tokio::sync::mpsc;

use crate::market::Market;
use crate::stores::{Bus, Running, Stores};

/// Where the entries stand that are put, and whether they can be found.
#[derive(Debug)]
struct Told(mpsc::UnboundedSender<(u64, bool)>);

impl Watch for Told {
    fn before_put(&self, entries: &mut Vec<Entry>) -> Vec<Refused> {
        for entry in entries {
            self.0.send((entry.position.0, entry.fields.is_some())).unwrap();
        }
        vec![]
    }
}

/// What the index was told of these events of one listing, appended so many at once.
async fn told(of: &[&str], at_once: usize) -> Vec<(u64, bool)> {
    let mut market = Market::default();
    of.iter().for_each(|event_type| market.happens(event_type, 1, 1));
    let (sender, mut received) = mpsc::unbounded_channel();
    let stores = Stores::new(Bus::Tail).await;
    let search = Arc::new(Watched::new(stores.ports.search.clone(), Told(sender)));
    let running = Running::start(Ports { search, ..stores.ports.clone() });
    for events in market.events.chunks(at_once) {
        stores.append(events).await;
        running.reach(events.last().unwrap().position.0).await;
    }
    running.end().await;
    std::iter::from_fn(|| received.try_recv().ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_moves_tells_the_index_nothing() {
    let of = [
        "listing.observed",
        // From sold out to on sale.
        "inventory.restocked",
        "inventory.restocked",
        "listing.price_changed",
        "inventory.restocked",
        "listing.withdrawn",
        "inventory.restocked",
    ];
    assert_eq!(told(&of, 1).await, [(1, true), (2, true), (4, true), (6, false)]);
}

/// Whoever died after he had told the index that the listing is suspended, and not the rest, has left
/// documents that say nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_since_is_told_all_the_same() {
    let of = ["listing.observed", "listing.price_changed", "listing.suspended", "listing.resumed"];
    assert_eq!(told(&of, 2).await, [(2, true), (4, true)]);
    assert_eq!(told(&of, 1).await, [(1, true), (2, true), (3, false), (4, true)]);
}

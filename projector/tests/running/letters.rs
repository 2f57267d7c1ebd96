//! What queues behind a parked document is copied, in order, whenever that can be done.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use projector::Ports;
use projector::parked::{self, Unparked};
use projector::progress::Health;
use storage::documents::PAGE_MAX;
use storage::leases::LIFE;
use storage::leases::memory::MemoryLeases;

use super::parking::{market, mend, unpark};
use super::sharing::{member, stored};
use crate::market::{Market, id};
use crate::postbox::{Postbox, WithLetters};
use crate::stores::{Bus, Running, Stores, eventually};

async fn with_letters(bus: Bus) -> (Stores, Arc<Postbox>) {
    let mut stores = Stores::new(bus).await;
    let postbox = Arc::new(Postbox::default());
    let bus = stores.ports.bus.clone();
    stores.ports.bus = Arc::new(WithLetters { bus, postbox: postbox.clone() });
    (stores, postbox)
}

/// Whether something is kept of orders that were parked.
async fn is_kept(stores: &Stores) -> bool {
    let scanned = stores.documents.scan(&parked::COLLECTION, parked::GENERATION, None, PAGE_MAX);
    let mut scanned = scanned.await.unwrap().into_iter();
    scanned.any(|stored| stored.id.starts_with("order/") && stored.body.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_they_cannot_be_sent_and_nothing_waits_for_them() {
    let (stores, postbox) = with_letters(Bus::Tail).await;
    let mut market = market();
    postbox.is_away.store(true, Ordering::SeqCst);
    stores.append(&market.events).await;
    let running = Running::start(stores.ports.clone());
    running.reach(market.events.len().try_into().unwrap()).await;
    let order = id("ord", 1);
    mend(&stores).await;
    assert_eq!(unpark(&stores, "order", &order).await.unwrap(), Unparked::Flows(3));
    assert_eq!(running.projector.views().state("order").unwrap().health, Health::Live);
    assert!(is_kept(&stores).await && postbox.all().is_empty());
    assert_eq!(parked::list(&*stores.documents, "order").await.unwrap(), []);
    running.end().await;

    let running = Running::start(stores.ports.clone());
    let before = market.events.len();
    for event_type in ["order.delivered", "escrow.released", "order.confirmed"] {
        market.happens(event_type, 1, 1);
    }
    stores.append(&market.events[before..]).await;
    let end = u64::try_from(market.events.len()).unwrap();
    running.reach(end).await;
    assert!(running.projector.views().is_parked("order", &order));
    postbox.is_away.store(false, Ordering::SeqCst);
    let document = format!("order {order}");
    eventually(|| async { postbox.of(&document).len() >= 5 }).await;
    let (_, error, _) = postbox.all().into_iter().find(|(of, ..)| *of == document).unwrap();
    assert!(error.starts_with("poison: "), "{error}");
    eventually(|| async {
        let parked = parked::list(&*stores.documents, "order").await.unwrap();
        parked.len() == 1 && parked[0].letters.is_empty() && parked[0].positions.len() == 2
    })
    .await;
    running.end().await;
    assert_eq!(postbox.of(&document), [10, 11, 12, end - 1, end]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_two_who_share_the_work_sends_the_letters_of_its_own() {
    let (stores, postbox) = with_letters(Bus::Unruly(5)).await;
    let leases: storage::leases::SharedLeases = Arc::new(MemoryLeases::new(LIFE));
    let ports = |name| -> Ports { member(&stores, name, &leases) };
    let (one, two) = (Running::start(ports("one")), Running::start(ports("two")));
    let mut market = Market::default();
    for event_type in ["order.preparing", "order.shipped", "order.delivered"] {
        (1..=9).for_each(|number| market.happens(event_type, number, 1));
    }
    stores.append(&market.events).await;
    stored(&stores, 27).await;
    eventually(|| async {
        (1..=9).all(|number| postbox.of(&format!("order {}", id("ord", number))).len() >= 3)
    })
    .await;
    two.end().await;
    eventually(|| async {
        let parked = parked::list(&*stores.documents, "order").await.unwrap();
        parked.len() == 9 && parked.iter().all(|document| document.letters.is_empty())
    })
    .await;
    one.end().await;
    for number in 1..=9 {
        let mut letters = postbox.of(&format!("order {}", id("ord", number)));
        // Whoever takes over may send again what the other had not noted.
        letters.dedup();
        let first = u64::from(number);
        assert_eq!(letters[..3], [first, first + 9, first + 18], "{letters:?}");
    }
}

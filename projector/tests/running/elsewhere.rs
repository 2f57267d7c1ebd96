//! Another process reads how far the views are from where they are stored.

use events_schema::envelope::Position;
use projector::follow::follow;
use projector::registry::VIEWS;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::market::{Market, id};
use crate::stores::{Bus, Running, SOON, Stores};

#[tokio::test(flavor = "multi_thread")]
async fn progress_and_parked_documents_are_known_to_another_process() {
    let mut market = Market::busy(7, 6);
    let lawful = market.events.len();
    market.happens("order.paid", 99, 1);
    let stores = Stores::new(Bus::Tail).await;
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let views = follow(stores.ports.clone(), None, &tracker, shutdown.clone());
    assert!(!views.is_ready());
    stores.append(&market.events[..lawful]).await;
    let running = Running::start(stores.ports.clone());
    let end = Position(u64::try_from(lawful).unwrap());
    for spec in VIEWS {
        assert_eq!(views.wait_until(spec.name, end, SOON).await, Ok(()), "{}", spec.name);
    }
    assert!(views.is_ready());
    let stranger = id("ord", 99);
    assert!(!views.is_parked("order", &stranger));
    stores.append(&market.events[lawful..]).await;
    // Whoever is told that the view has got there is told too what does not stand there.
    let end = Position(u64::try_from(market.events.len()).unwrap());
    assert_eq!(views.wait_until("order", end, SOON).await, Ok(()));
    assert!(views.is_parked("order", &stranger));
    running.end().await;
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
}

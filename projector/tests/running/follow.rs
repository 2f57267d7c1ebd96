//! Whatever the bus does, the documents are the same.

use events_schema::envelope::Position;
use projector::registry::{VIEWS, view};
use projector::verify::verify;
use projector::{Projector, history};

use crate::market::{Market, id};
use crate::stores::{Bus, Running, Stores};

#[tokio::test(flavor = "multi_thread")]
async fn an_unruly_bus_gives_the_documents_that_the_tail_gives() {
    let market = Market::busy(1, 40);
    let end = u64::try_from(market.events.len()).unwrap();
    let tail = Stores::new(Bus::Tail).await;
    tail.append(&market.events).await;
    let running = Running::start(tail.ports.clone());
    running.reach(end).await;
    running.end().await;
    let expected = tail.everything().await;
    assert!(expected.len() > 200, "{} documents", expected.len());
    for seed in 0..3 {
        let unruly = Stores::new(Bus::Unruly(seed)).await;
        let running = Running::start(unruly.ports.clone());
        for events in market.events.chunks(100) {
            unruly.append(events).await;
        }
        running.reach(end).await;
        running.end().await;
        assert_eq!(unruly.everything().await, expected, "seed {seed}");
        assert_eq!(unruly.entries().await, tail.entries().await, "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_from_the_checkpoint() {
    let market = Market::busy(2, 12);
    let stores = Stores::new(Bus::Unruly(2)).await;
    let mut appended = 0;
    for events in market.events.chunks(60) {
        let running = Running::start(stores.ports.clone());
        stores.append(events).await;
        appended += u64::try_from(events.len()).unwrap();
        running.reach(appended).await;
        running.end().await;
        for spec in VIEWS {
            let collection = (spec.collection)();
            let serving = stores.documents.serving(collection).await.unwrap().unwrap();
            let checkpoint = stores.documents.checkpoint(collection, serving).await.unwrap();
            assert_eq!(checkpoint.unwrap().position(), Position(appended), "{}", spec.name);
        }
    }
    assert_clean(&stores).await;
}

pub(crate) async fn assert_clean(stores: &Stores) {
    let mut generations = vec![];
    for spec in VIEWS {
        let serving = stores.documents.serving((spec.collection)()).await.unwrap();
        generations.push((spec, serving.unwrap()));
    }
    for verified in verify(&stores.ports, &generations).await.unwrap() {
        assert!(verified.is_clean(), "{verified:?}");
        assert!(verified.documents > 0, "{verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_has_live_views() {
    let stores = Stores::new(Bus::Tail).await;
    let running = Running::start(stores.ports.clone());
    let views = running.projector.views().clone();
    crate::stores::eventually(|| async { views.is_ready() }).await;
    assert_eq!(views.lowest(), Position(0));
    let time_limit = std::time::Duration::from_millis(20);
    let behind = views.wait_until("order", Position(1), time_limit).await;
    assert_eq!(behind.unwrap_err().position, Position(0));
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gives_the_stored_documents_and_writes_nothing() {
    let market = Market::busy(3, 12);
    let stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let end = Position(u64::try_from(market.events.len()).unwrap());
    let running = Running::start(stores.ports.clone());
    running.reach(end.0).await;
    running.end().await;
    for spec in VIEWS {
        let replayed = history::replay(&stores.log, spec, Position(0), end).await.unwrap();
        assert_eq!(replayed.documents, stores.documents_of(spec).await, "{}", spec.name);
        assert!(replayed.poisoned.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_finds_the_events_of_a_trade() {
    let market = Market::busy(4, 12);
    let stores = Stores::new(Bus::Unruly(4)).await;
    stores.append(&market.events).await;
    let end = u64::try_from(market.events.len()).unwrap();
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    let subject = projector::views::trail::Subject::Order(id("ord", 3).parse().unwrap());
    let generation = running.projector.views().generation("trail").unwrap();
    let half = Position(end / 2);
    let positions = history::positions(&stores.documents, generation, subject, half);
    let positions = positions.await.unwrap();
    let events = stores.log.read_at(&positions).await.unwrap();
    let of_order = |recorded: &&events_schema::envelope::Recorded<_>| {
        use projector::view::View;
        recorded.position <= half
            && !projector::views::order::OrderView::keys(recorded).is_empty()
            && recorded.meta.partition_key.as_str() == id("chk", 3)
    };
    let expected: Vec<Position> =
        market.events.iter().filter(of_order).map(|recorded| recorded.position).collect();
    assert!(!expected.is_empty());
    assert_eq!(events.iter().map(|event| event.position).collect::<Vec<_>>(), expected);
    running.end().await;
}

#[test]
fn views_are_found_by_name() {
    assert_eq!(view("order").map(|spec| spec.name), Some("order"));
    assert!(view("orders").is_none());
    let _: fn(_, _, _) -> Projector = Projector::start;
}

//! A new generation beside the old one, the switch, and the way back.

use events_schema::envelope::Position;
use projector::registry::{VIEWS, view};
use projector::verify::{Verified, verify};
use projector::{generations, rebuild};
use storage::documents::{Generation, Stored};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::follow::assert_clean;
use crate::market::{Market, id};
use crate::stores::{Bus, Running, Stores};

#[tokio::test(flavor = "multi_thread")]
async fn every_view_is_rebuilt_while_events_come_in() {
    let market = Market::busy(1, 40);
    let (old, new) = market.events.split_at(market.events.len() / 2);
    let stores = Stores::new(Bus::Unruly(1)).await;
    stores.append(old).await;
    let running = Running::start(stores.ports.clone());
    running.reach(old.len().try_into().unwrap()).await;
    let (rebuilt, ()) = tokio::join!(running.projector.rebuild(&[]), async {
        for events in new.chunks(20) {
            stores.append(events).await;
        }
    });
    let rebuilt = rebuilt.unwrap();
    assert_eq!(rebuilt.len(), VIEWS.len());
    for rebuilt in &rebuilt {
        let Verified { view, generation, .. } = &rebuilt.verified;
        assert_eq!(rebuilt.previous, Some(Generation(generation.0 - 1)), "{view}");
        assert_eq!(running.projector.views().generation(view), Some(*generation), "{view}");
    }
    running.reach(market.events.len().try_into().unwrap()).await;
    running.end().await;
    assert_clean(&stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_goes_back_and_catches_up_first() {
    let market = Market::busy(2, 20);
    let (old, new) = market.events.split_at(market.events.len() / 2);
    let stores = Stores::new(Bus::Tail).await;
    stores.append(old).await;
    let running = Running::start(stores.ports.clone());
    running.reach(old.len().try_into().unwrap()).await;
    let rebuilt = running.projector.rebuild(&["order"]).await.unwrap();
    let previous = rebuilt[0].previous.unwrap();
    stores.append(new).await;
    let end = u64::try_from(market.events.len()).unwrap();
    running.reach(end).await;
    let order = view("order").unwrap();
    assert_eq!(generations::others(&stores.ports, order).await.unwrap(), [previous]);
    running.projector.switch("order", previous).await.unwrap();
    let state = running.projector.views().state("order").unwrap();
    assert_eq!((state.generation, state.position), (previous, Position(end)));
    let newer = rebuilt[0].verified.generation;
    assert!(generations::remove(&stores.ports, order, previous).await.is_err());
    generations::remove(&stores.ports, order, newer).await.unwrap();
    assert!(generations::others(&stores.ports, order).await.unwrap().is_empty());
    running.end().await;
    assert_clean(&stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_rebuilt_where_no_projector_runs() {
    let market = Market::busy(3, 20);
    let stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    for _ in 0..2 {
        let rebuilt = rebuild::rebuild(&stores.ports, &tracker, &shutdown, &[]).await.unwrap();
        assert_eq!(rebuilt.len(), VIEWS.len());
    }
    tracker.close();
    tracker.wait().await;
    assert_clean(&stores).await;
}

async fn verified(stores: &Stores, name: &str) -> Verified {
    let spec = view(name).unwrap();
    let serving = stores.documents.serving((spec.collection)()).await.unwrap().unwrap();
    verify(&stores.ports, &[(spec, serving)]).await.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_edited_is_named() {
    let market = Market::busy(4, 20);
    let stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let running = Running::start(stores.ports.clone());
    running.reach(market.events.len().try_into().unwrap()).await;
    running.end().await;
    let spec = view("order").unwrap();
    let serving = stores.documents.serving((spec.collection)()).await.unwrap().unwrap();
    let clean = verified(&stores, "order").await;
    assert!(clean.is_clean());
    let mut order = stores.documents_of(spec).await.remove(0);
    let text = String::from_utf8(order.body.take().unwrap()).unwrap();
    order.body = Some(text.replace("\"version\":", "\"version\":1").into_bytes());
    order.position = order.position.next();
    let stray = Stored { id: id("ord", 999), ..order.clone() };
    let names = vec![order.id.clone(), stray.id.clone()];
    let documents = [order, stray];
    stores.documents.put((spec.collection)(), serving, &documents, None).await.unwrap();
    let found = verified(&stores, "order").await;
    assert_eq!(found.differing_ids, names);
    assert_ne!(found.checksum, clean.checksum);
    assert_eq!(found.documents, clean.documents + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_search_lost_is_named() {
    let market = Market::busy(5, 8);
    let stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let running = Running::start(stores.ports.clone());
    running.reach(market.events.len().try_into().unwrap()).await;
    running.end().await;
    let mut entry = stores.entries().await.remove(0);
    assert!(verified(&stores, "listing_search").await.is_clean());
    entry.fields = None;
    entry.position = entry.position.next();
    let lost = entry.id.clone();
    let generation = verified(&stores, "listing_search").await.generation;
    stores.ports.search.put(generation, vec![entry]).await.unwrap();
    assert_eq!(verified(&stores, "listing_search").await.differing_ids, [lost]);
}

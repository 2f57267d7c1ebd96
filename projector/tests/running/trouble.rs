//! Stores that fail, crashes in the middle of a batch, and histories that cannot be read.

use std::time::Duration;

use projector::Ports;
use projector::progress::Health;
use projector::registry::VIEWS;

use super::follow::assert_clean;
use crate::faulty::Faulty;
use crate::market::Market;
use crate::stores::{Bus, Running, Stores, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_pauses_views_which_keep_their_place() {
    let market = Market::busy(1, 20);
    let stores = Stores::new(Bus::Unruly(1)).await;
    stores.append(&market.events).await;
    let faulty = Faulty::after(stores.documents.clone(), 3);
    let mut ports = stores.ports.clone();
    ports.documents = faulty.clone();
    let running = Running::start(ports);
    let views = running.projector.views().clone();
    let is_paused = || async {
        let states = views.states();
        states.values().any(|state| matches!(state.health, Health::Paused(_)))
    };
    eventually(is_paused).await;
    assert!(!views.is_ready());
    faulty.watch.mend();
    running.reach(market.events.len().try_into().unwrap()).await;
    eventually(|| async { views.is_ready() }).await;
    running.end().await;
    assert_clean(&stores).await;
}

/// Stores in which all of it was folded without trouble.
async fn undisturbed(market: &Market) -> Stores {
    let stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let running = Running::start(stores.ports.clone());
    running.reach(market.events.len().try_into().unwrap()).await;
    running.end().await;
    stores
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_the_middle_of_a_batch_changes_nothing() {
    let market = Market::busy(2, 24);
    let end = u64::try_from(market.events.len()).unwrap();
    let undisturbed = undisturbed(&market).await;
    let expected = undisturbed.everything().await;
    let stores = Stores::new(Bus::Unruly(2)).await;
    let mut events = market.events.chunks(40);
    for writes in [1, 4, 9, 13, 17, 22, 30, 41] {
        if let Some(events) = events.next() {
            stores.append(events).await;
        }
        let faulty = Faulty::after(stores.documents.clone(), writes);
        let mut ports = stores.ports.clone();
        ports.documents = faulty.clone();
        let running = Running::start(ports);
        let is_over = || async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            faulty.watch.is_down()
                || running.projector.views().lowest().0 >= stores_end(&stores).await
        };
        eventually(is_over).await;
        running.end().await;
    }
    for events in events {
        stores.append(events).await;
    }
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    running.end().await;
    assert_eq!(stores.everything().await, expected);
    assert_eq!(stores.entries().await, undisturbed.entries().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_store_that_is_down_is_not_stored_by_the_end() {
    let market = Market::busy(5, 24);
    let end = u64::try_from(market.events.len()).unwrap();
    let undisturbed = undisturbed(&market).await;
    let stores = Stores::new(Bus::Tail).await;
    for events in market.events.chunks(60) {
        stores.append(events).await;
        let appended = stores_end(&stores).await;
        let faulty = Faulty::after(stores.documents.clone(), 2);
        let running = Running::start(Ports { documents: faulty.clone(), ..stores.ports.clone() });
        let views = running.projector.views().clone();
        let are_waiting = || async {
            let states = views.states();
            states.values().any(|state| matches!(state.health, Health::Paused(_)))
        };
        eventually(are_waiting).await;
        for (view, state) in views.states() {
            let is_paused = matches!(state.health, Health::Paused(_));
            assert!(!is_paused || state.position.0 < appended, "{view} tells what is not stored");
        }
        // Up again at the very end.
        faulty.watch.mend();
        running.end().await;
    }
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    running.end().await;
    assert_eq!(stores.everything().await, undisturbed.everything().await);
    assert_eq!(stores.entries().await, undisturbed.entries().await);
}

async fn stores_end(stores: &Stores) -> u64 {
    stores.log.head().await.unwrap().position.0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_stops_the_views_before_it() {
    let mut market = Market::busy(3, 8);
    let readable = u64::try_from(market.events.len()).unwrap();
    market.happens("order.confirmed", 900, 1);
    market.happens("order.confirmed", 901, 1);
    let stores = Stores::new(Bus::Tail).await;
    let unknown = market.events.len() - 2;
    market.events[unknown].meta.event_type = "order.teleported".into();
    stores.append(&market.events).await;
    for _ in 0..2 {
        let running = Running::start(stores.ports.clone());
        running.reach(readable).await;
        let views = running.projector.views().clone();
        let are_stopped = || async {
            let states = views.states();
            states.values().all(|state| matches!(state.health, Health::Stopped(_)))
        };
        eventually(are_stopped).await;
        for spec in VIEWS {
            let state = views.state(spec.name).unwrap();
            assert_eq!(state.position.0, readable, "{}", spec.name);
            let Health::Stopped(reason) = state.health else { panic!("{:?}", state.health) };
            assert!(reason.contains("order.teleported"), "{reason}");
        }
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_a_new_epoch_has_its_views_rebuilt() {
    let market = Market::busy(4, 8);
    let mut stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let end = u64::try_from(market.events.len()).unwrap();
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    let before = running.projector.views().generation("order").unwrap();
    running.end().await;
    stores.begin_epoch().await;
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    let views = running.projector.views().clone();
    eventually(|| async { views.is_ready() }).await;
    let state = views.state("order").unwrap();
    assert_eq!(state.generation.0, before.0 + 1);
    assert_eq!(state.epoch.0, 2);
    running.end().await;
    assert_clean(&stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_the_log_lost_is_not_ready_until_it_is_rebuilt() {
    let market = Market::busy(5, 8);
    let mut stores = Stores::new(Bus::Tail).await;
    stores.append(&market.events).await;
    let end = u64::try_from(market.events.len()).unwrap();
    let running = Running::start(stores.ports.clone());
    running.reach(end).await;
    running.end().await;
    stores.begin_epoch().await;
    let faulty = Faulty::after(stores.documents.clone(), 0);
    let mut ports = stores.ports.clone();
    ports.documents = faulty.clone();
    let running = Running::start(ports);
    let views = running.projector.views().clone();
    let lost = Health::Paused("it rests on what the log lost, and is rebuilt".to_owned());
    let are_lost = || async { views.states().values().all(|state| state.health == lost) };
    eventually(are_lost).await;
    // Nothing new can be written, and what is old is not told as well.
    eventually(|| async { faulty.watch.is_down() }).await;
    assert!(are_lost().await && !views.is_ready());
    assert!(views.states().values().all(|state| state.position.0 == 0));
    faulty.watch.mend();
    running.reach(end).await;
    eventually(|| async { views.is_ready() }).await;
    running.end().await;
    assert_clean(&stores).await;
}

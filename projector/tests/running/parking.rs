//! An event that does not fit parks its document; others flow.

use events_schema::envelope::Position;
use projector::parked;
use projector::parked::Unparked;
use projector::registry::view;
use projector::view::{View, fold};
use projector::views::order::{self, OrderView, Status};
use storage::documents::Stored;

use crate::market::{CONFIRMED, Market, PAID, PLACED, SELLER, SHIPPED, id};
use crate::stores::{Bus, Running, SOON, Stores, eventually};

/// An order that was never placed, packed and shipped; and one that goes its whole way.
pub(crate) fn market() -> Market {
    let mut market = Market::default();
    for event_type in SELLER {
        market.happens(event_type, 1, 1);
    }
    let good = [PLACED, PAID, SHIPPED, CONFIRMED].concat();
    let (first, rest) = good.split_at(6);
    for event_type in first {
        market.happens(event_type, 2, 2);
    }
    for event_type in ["order.preparing", "shipment.registered", "order.shipped"] {
        market.happens(event_type, 1, 1);
    }
    for event_type in rest {
        market.happens(event_type, 2, 2);
    }
    market
}

async fn stored_order(stores: &Stores, number: u32) -> Option<order::Document> {
    let (spec, id) = (view("order").unwrap(), id("ord", number));
    let documents = stores.documents_of(spec).await;
    let body = documents.into_iter().find(|stored| stored.id == id)?.body?;
    Some(serde_json::from_slice(&body).unwrap())
}

pub(crate) async fn positions(stores: &Stores, view: &str) -> Vec<u64> {
    let parked = parked::list(&*stores.documents, view).await.unwrap();
    let queued = parked.into_iter().flat_map(|document| document.positions);
    queued.map(|position| position.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_document_waits_and_others_flow() {
    let stores = Stores::new(Bus::Unruly(1)).await;
    let market = market();
    stores.append(&market.events).await;
    for _ in 0..2 {
        let running = Running::start(stores.ports.clone());
        running.reach(market.events.len().try_into().unwrap()).await;
        let views = running.projector.views();
        assert!(views.is_parked("order", &id("ord", 1)));
        assert!(!views.is_parked("order", &id("ord", 2)));
        assert!(!views.is_parked("checkout", &id("ord", 1)));
        eventually(|| async { views.is_ready() }).await;
        running.end().await;
        assert_eq!(positions(&stores, "order").await, [10, 11, 12]);
        assert_eq!(stored_order(&stores, 2).await.unwrap().status, Status::Confirmed);
        assert_eq!(stored_order(&stores, 1).await, None);
    }
    let parked = parked::list(&*stores.documents, "order").await.unwrap();
    assert_eq!(parked[0].reason, "order was never placed");
}

pub(crate) async fn unpark(
    stores: &Stores,
    view: &str,
    id: &str,
) -> Result<Unparked, parked::Error> {
    parked::unpark(&*stores.documents, &stores.ports.world, (view, id), SOON).await
}

/// What somebody does who mends what an event did not fit.
pub(crate) async fn mend(stores: &Stores) {
    let spec = view("order").unwrap();
    let collection = (spec.collection)();
    let serving = stores.documents.serving(collection).await.unwrap().unwrap();
    let key = id("ord", 1).parse().unwrap();
    let placed = fold::<OrderView>(&key, &Market::of(&[PLACED]).events).unwrap();
    let body = Some(serde_json::to_vec(&placed.document).unwrap());
    let stored = Stored { id: id("ord", 1), position: Position(5), body };
    stores.documents.put(OrderView::collection(), serving, &[stored], None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unparking_replays_in_order() {
    let stores = Stores::new(Bus::Tail).await;
    let mut market = market();
    stores.append(&market.events).await;
    let running = Running::start(stores.ports.clone());
    running.reach(market.events.len().try_into().unwrap()).await;
    let order = id("ord", 1);
    assert_eq!(
        unpark(&stores, "order", &order).await.unwrap(),
        Unparked::ParkedAgain("order was never placed".to_owned())
    );
    assert!(running.projector.views().is_parked("order", &order));
    mend(&stores).await;
    let two = tokio::join!(unpark(&stores, "order", &order), unpark(&stores, "order", &order));
    assert_eq!((two.0.unwrap(), two.1.unwrap()), (Unparked::Flows(3), Unparked::Flows(3)));
    assert_eq!(unpark(&stores, "order", &order).await.unwrap(), Unparked::NotParked);
    let unknown = unpark(&stores, "orders", &order).await;
    assert!(matches!(unknown, Err(parked::Error::UnknownView(_))));
    assert!(!running.projector.views().is_parked("order", &order));
    let shown = stored_order(&stores, 1).await.unwrap();
    assert_eq!((shown.status, shown.shipments.len()), (Status::Shipped, 1));
    assert_eq!(positions(&stores, "order").await, Vec::<u64>::new());

    // It flows again, and may be parked once more.
    let before = market.events.len();
    market.happens("order.delivered", 1, 1);
    market.happens("escrow.released", 1, 1);
    market.happens("order.confirmed", 1, 1);
    stores.append(&market.events[before..]).await;
    let end = u64::try_from(market.events.len()).unwrap();
    running.reach(end).await;
    assert_eq!(stored_order(&stores, 1).await.unwrap().status, Status::Delivered);
    running.end().await;
    assert_eq!(positions(&stores, "order").await, [end - 1, end]);
}

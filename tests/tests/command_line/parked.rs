//! Documents that met an event which does not fit them: listed, shown and un-parked.

use events_schema::envelope::Position;
use projector::registry::view;
use projector::view::{View, fold};
use projector::views::order::OrderView;
use serde_json::{Value, json};
use storage::documents::{self, Stored};
use storage::event_log;
use storage::world::World;
use tests::program::{Serving, imported, run};
use tests::strays;

/// As if it had been placed.
async fn mend(data: &str, order: &str, number: u32) {
    let store = documents::open(&format!("sqlite:{data}/documents.db")).await.unwrap();
    let collection = (view("order").unwrap().collection)();
    let serving = store.serving(collection).await.unwrap().unwrap();
    let (key, event) = (order.parse().unwrap(), strays::example("order.placed", number));
    let placed = strays::recorded(event);
    let document = fold::<OrderView>(&key, [&placed]).unwrap().document.unwrap();
    let body = Some(serde_json::to_vec(&document).unwrap());
    let stored = Stored { id: order.to_owned(), position: Position(1), body };
    store.put(OrderView::collection(), serving, &[stored], None).await.unwrap();
}

fn of_order<'a>(listed: &'a Value, order: &str) -> Option<&'a Value> {
    let mut parked = listed["parked"].as_array().unwrap().iter();
    parked.find(|parked| parked["view"] == "order" && parked["key"] == order)
}

#[tokio::test]
async fn a_parked_document_is_unparked_whether_or_not_somebody_runs_the_views() {
    let (_folder, data) = imported().await;
    let log = event_log::open(&format!("sqlite:{data}/events.db"), World::system()).await.unwrap();
    strays::append(&log, 1..=1).await;
    log.close().await;
    drop(log);
    let order = strays::order(1);
    let at = ["--data", &data, "--json"];
    let unpark = [&["parked", "unpark", "order", &order][..], &at].concat();
    let again =
        json!({ "unparked": false, "outcome": { "parked_again": "order was never placed" } });

    // Nobody runs the views.
    let ended = run(&unpark).await;
    assert_eq!((ended.status, ended.json()), (1, again.clone()), "{}", ended.stderr);
    let listed = run(&[&["parked", "list"][..], &at].concat()).await;
    assert_eq!(listed.status, 1, "{listed:?}");
    let listed = listed.json();
    let parked = of_order(&listed, &order).unwrap();
    assert_eq!(
        (&parked["code"], &parked["reason"]),
        (&json!("poison"), &json!("order was never placed"))
    );
    let shown = run(&[&["parked", "show", "order", &order][..], &at].concat()).await.json();
    assert_eq!(shown["parked"], *parked);
    let types = shown["events"].as_array().unwrap().iter().map(|event| &event["type"]);
    assert_eq!(types.collect::<Vec<_>>(), strays::HAPPENS);

    // A process runs them.
    let dev = Serving::start(&["dev", "--data", &data, "--listen", "127.0.0.1:0"]).await;
    let ended = run(&unpark).await;
    assert_eq!((ended.status, ended.json()), (1, again), "{}", ended.stderr);
    assert!(ended.stderr.contains("another process"), "{}", ended.stderr);
    mend(&data, &order, 1).await;
    let flows = json!({ "unparked": true, "outcome": { "flows": 3 } });
    assert_eq!(run(&unpark).await.well(), flows);
    let not_parked = json!({ "unparked": true, "outcome": "not_parked" });
    assert_eq!(run(&unpark).await.well(), not_parked);
    dev.terminate().await;
    assert_eq!(dev.ended().await.0, Some(0));

    let listed = run(&[&["parked", "list"][..], &at].concat()).await.json();
    assert_eq!(of_order(&listed, &order), None);
    let shown = run(&[&["parked", "show", "order", &order][..], &at].concat()).await;
    assert_eq!(shown.status, 2, "{shown:?}");
    assert!(shown.stderr.contains("is not parked"), "{shown:?}");
}

//! Orders that come to nothing.

use serde_json::{Value, json};

use crate::testing::market::{Market, Reply, admin, buyer, purchase, won};

#[tokio::test]
async fn an_unpaid_order_gives_back_its_stock_and_ends_its_checkout() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let cancel = json!({ "reason": "buyer_changed_mind" });
    market.post(&buyer(), &order.path("cancel"), cancel.clone()).await.succeeds();
    let written = market.last_written().await;
    assert_eq!(written, ["order.cancelled", "inventory.released", "checkout.cancelled"]);
    let events = market.log.types().await.len();
    market.post(&buyer(), &order.path("cancel"), cancel).await.succeeds();
    assert_eq!(market.log.types().await.len(), events);
}

#[tokio::test]
async fn a_paid_order_is_refunded_in_the_same_append() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    market.capture(&order).await.succeeds();
    let cancel = json!({ "reason": "out_of_stock" });
    market
        .post(&buyer(), &order.path("cancel"), cancel.clone())
        .await
        .fails(422, "cancel_reason_not_allowed");
    market.post(&shop, &order.path("cancel"), cancel).await.succeeds();
    let written = market.last_written().await;
    assert_eq!(written, ["order.cancelled", "inventory.released", "escrow.refunded"]);
}

/// One piece of 5,000 won and shipping from each of two sellers, half of it by card, half by points.
async fn order_of_two(market: &Market) -> Reply {
    let (one, two) = (market.shop(10).await, market.shop(11).await);
    let (a, b) = (market.on_sale(&one, 5_000, 1).await, market.on_sale(&two, 5_000, 1).await);
    let line = |id: &str| json!({ "listing_id": id, "quantity": 1 });
    let mut body = purchase(&a, 1, 8_000);
    body["lines"] = json!([line(&a), line(&b)]);
    let points = json!({ "method": { "kind": "points" }, "amount": won(8_000) });
    body["tenders"].as_array_mut().unwrap().push(points);
    market.post(&buyer(), "/orders", body).await.succeeds()
}

/// What the cancellation of the n-th order writes.
async fn cancel(market: &Market, placed: &Reply, n: usize) -> Vec<String> {
    let path = format!("/orders/{}/cancel", placed.body["orders"][n]["id"].as_str().unwrap());
    let body = json!({ "reason": "buyer_changed_mind" });
    market.post(&buyer(), &path, body).await.succeeds();
    market.last_written().await
}

/// What a report on the n-th tender writes.
async fn report(market: &Market, placed: &Reply, n: usize, mut report: Value) -> Vec<String> {
    report["tender_id"] = placed.body["tenders"][n]["id"].clone();
    let path = format!("/checkouts/{}/observations", placed.text("checkout_id"));
    market.post(&admin(), &path, json!({ "report": report })).await.succeeds();
    market.last_written().await
}

const CAPTURED: [&str; 4] =
    ["checkout.captured", "escrow.funded", "order.paid", "inventory.committed"];

#[tokio::test]
async fn a_checkout_lives_as_long_as_one_of_its_orders() {
    let market = Market::open().await;
    let placed = order_of_two(&market).await;
    let first = cancel(&market, &placed, 0).await;
    assert_eq!(first, ["order.cancelled", "inventory.released", "checkout.reduced"]);
    let last = cancel(&market, &placed, 1).await;
    assert_eq!(last, ["order.cancelled", "inventory.released", "checkout.cancelled"]);
}

#[tokio::test]
async fn a_checkout_is_paid_without_the_order_that_was_cancelled() {
    let market = Market::open().await;
    let placed = order_of_two(&market).await;
    cancel(&market, &placed, 0).await;
    let rest = report(&market, &placed, 0, json!({ "status": "captured" })).await;
    assert_eq!(rest, CAPTURED);
    // The checkout is paid: its last order gives its money back, and does not end it.
    let last = cancel(&market, &placed, 1).await;
    assert_eq!(last, ["order.cancelled", "inventory.released", "escrow.refunded"]);
}

#[tokio::test]
async fn money_for_a_cancelled_order_is_taken_and_named() {
    let market = Market::open().await;
    let placed = order_of_two(&market).await;
    report(&market, &placed, 1, json!({ "status": "authorised" })).await;
    cancel(&market, &placed, 0).await;
    let less = json!({ "status": "captured", "amount": won(6_000) });
    assert_eq!(report(&market, &placed, 0, less).await, ["checkout.captured", "escrow.funded"]);
    let all = report(&market, &placed, 1, json!({ "status": "captured" })).await;
    let [captured, named, rest @ ..] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        [captured.as_str(), named.as_str()],
        ["checkout.captured", "checkout.anomaly_found"]
    );
    assert_eq!(rest, &CAPTURED[1..]);
}

#[tokio::test]
async fn a_payment_of_which_a_part_was_declined_ends_with_its_orders() {
    let market = Market::open().await;
    let placed = order_of_two(&market).await;
    report(&market, &placed, 0, json!({ "status": "captured" })).await;
    let declined = json!({ "status": "declined", "reason": "insufficient_funds" });
    assert_eq!(report(&market, &placed, 1, declined).await, ["checkout.declined"]);
    let given_back = ["order.cancelled", "inventory.released", "escrow.refunded"];
    for (n, checkout) in [(0, "checkout.reduced"), (1, "checkout.cancelled")] {
        let written = cancel(&market, &placed, n).await;
        assert_eq!(
            (&written[..3], written[3..].concat().as_str()),
            (&given_back.map(String::from)[..], checkout)
        );
    }
    let late = report(&market, &placed, 1, json!({ "status": "captured" })).await;
    assert_eq!(late, ["checkout.captured", "checkout.anomaly_found"]);
}

#[tokio::test]
async fn a_part_that_was_declined_may_be_paid_by_another_tender() {
    let market = Market::open().await;
    let placed = order_of_two(&market).await;
    report(&market, &placed, 0, json!({ "status": "captured" })).await;
    report(&market, &placed, 1, json!({ "status": "declined", "reason": "abandoned" })).await;
    let paid = report(&market, &placed, 1, json!({ "status": "captured" })).await;
    assert_eq!(paid.iter().filter(|event| *event == "order.paid").count(), 2);
}

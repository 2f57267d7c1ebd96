//! Orders that come to nothing.

use serde_json::json;

use crate::testing::market::{Market, buyer, purchase, won};

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

#[tokio::test]
async fn a_checkout_lives_as_long_as_one_of_its_orders() {
    let market = Market::open().await;
    let (one, two) = (market.shop(10).await, market.shop(11).await);
    let (a, b) = (market.on_sale(&one, 5_000, 1).await, market.on_sale(&two, 5_000, 1).await);
    let mut body = purchase(&a, 1, 16_000);
    let line = json!({ "listing_id": b, "quantity": 1 });
    body["lines"].as_array_mut().unwrap().push(line);
    body["tenders"][0]["amount"] = won(16_000);
    let placed = market.post(&buyer(), "/orders", body).await.succeeds();
    let cancel = json!({ "reason": "buyer_changed_mind" });
    let mut ends = Vec::new();
    for order in placed.body["orders"].as_array().unwrap() {
        let path = format!("/orders/{}/cancel", order["id"].as_str().unwrap());
        market.post(&buyer(), &path, cancel.clone()).await.succeeds();
        ends.push(market.last_written().await.contains(&"checkout.cancelled".to_owned()));
    }
    assert_eq!(ends, [false, true]);
}

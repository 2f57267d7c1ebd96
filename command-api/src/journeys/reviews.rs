//! What the sides say of each other.

use serde_json::{Value, json};

use crate::testing::market::{Market, Order, admin, buyer, other_buyer};

async fn delivered(market: &Market, shop: &edge::token::Caller) -> Order {
    let order = market.order(shop).await;
    market.capture(&order).await.succeeds();
    let parcel = json!({ "carrier": "한진" });
    let shipped = market.post(shop, &order.path("ship"), parcel).await.succeeds();
    let path = format!("/shipments/{}/observations", shipped.text("shipment_id"));
    let scan =
        json!({ "observation_id": format!("obs_{:026}", 1), "scan": { "status": "delivered" } });
    market.post(&admin(), &path, scan).await.succeeds();
    order
}

#[tokio::test]
async fn each_side_speaks_once_and_in_confidence() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = delivered(&market, &shop).await;
    let review = json!({ "order_id": order.order_id, "rating": 5, "comment": "친절합니다" });
    let written = market.post(&buyer(), "/reviews", review.clone()).await.succeeds();
    let stored = market.log.events().await.pop().unwrap().event;
    assert!(!String::from_utf8(stored).unwrap().contains("친절"));
    let worse = json!({ "order_id": order.order_id, "rating": 1 });
    market.post(&buyer(), "/reviews", worse.clone()).await.fails(409, "review_already_written");
    market.post(&shop, "/reviews", worse).await.succeeds();
    market.post(&other_buyer(), "/reviews", review).await.fails(404, "order_not_found");
    let report = format!("/reviews/{}/report", written.text("id"));
    let reason = json!({ "reason": "욕설" });
    market.post(&shop, &report, reason.clone()).await.succeeds();
    assert_eq!(market.last_written().await, ["review.reported"]);
    let unknown = "/reviews/rev_01h455vb4pex5vsknk084sn02q/report";
    market.post(&shop, unknown, reason).await.fails(404, "review_not_found");
}

#[tokio::test]
async fn what_was_not_delivered_is_not_reviewed() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let review = json!({ "order_id": order.order_id, "rating": 5 });
    market.post(&buyer(), "/reviews", review).await.fails(409, "review_before_delivery");
    let six = json!({ "order_id": order.order_id, "rating": 6, "comment": Value::Null });
    market.post(&buyer(), "/reviews", six).await.fails(400, "invalid_value");
}

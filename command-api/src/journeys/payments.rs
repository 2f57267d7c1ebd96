//! What gateways report.

use serde_json::json;

use crate::testing::market::{Market, admin, buyer, won};

#[tokio::test]
async fn a_capture_pays_the_order_and_sells_its_stock_in_one_append() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let path = format!("/checkouts/{}/observations", order.checkout_id);
    let promised = json!({ "report": { "status": "authorised", "tender_id": order.tender_id } });
    market.post(&admin(), &path, promised).await.succeeds();
    market.capture(&order).await.succeeds();
    let written = market.last_written().await;
    assert_eq!(
        written,
        ["checkout.captured", "escrow.funded", "order.paid", "inventory.committed"]
    );
    // A gateway says it twice.
    let events = market.log.types().await.len();
    market.capture(&order).await.succeeds();
    assert_eq!(market.log.types().await.len(), events);
}

#[tokio::test]
async fn a_payment_that_is_declined_as_a_whole_cancels_and_gives_back() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let path = format!("/checkouts/{}/observations", order.checkout_id);
    let report = json!({
        "status": "declined", "tender_id": order.tender_id, "reason": "insufficient_funds",
    });
    market.post(&admin(), &path, json!({ "report": report })).await.succeeds();
    let written = market.last_written().await;
    let expected =
        ["checkout.declined", "checkout.cancelled", "order.cancelled", "inventory.released"];
    assert_eq!(written, expected);
    market.post(&shop, &order.path("prepare"), json!(null)).await.fails(409, "order_cancelled");
}

#[tokio::test]
async fn money_that_comes_after_the_end_is_recorded_and_pays_nothing() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let cancel = json!({ "reason": "buyer_changed_mind" });
    market.post(&buyer(), &order.path("cancel"), cancel).await.succeeds();
    market.capture(&order).await.succeeds();
    let written = market.last_written().await;
    assert!(written.contains(&"checkout.captured".to_owned()), "{written:?}");
    assert!(written.contains(&"checkout.anomaly_found".to_owned()), "{written:?}");
    assert!(!written.contains(&"order.paid".to_owned()), "{written:?}");
}

#[tokio::test]
async fn a_gateway_that_does_not_say_may_say_later() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let path = format!("/checkouts/{}/observations", order.checkout_id);
    let unknown = json!({ "report": { "status": "unknown", "tender_id": order.tender_id } });
    market.post(&admin(), &path, unknown).await.succeeds();
    assert_eq!(market.last_written().await, ["checkout.payment_unknown"]);
    market.capture(&order).await.succeeds();
    assert!(market.last_written().await.contains(&"order.paid".to_owned()));
}

#[tokio::test]
async fn a_tender_that_nobody_announced_needs_an_amount() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    let path = format!("/checkouts/{}/observations", order.checkout_id);
    let mut report = json!({ "status": "captured", "tender_id": "tnd_01h455vb4pex5vsknk084sn02q" });
    market.post(&admin(), &path, json!({ "report": report })).await.fails(404, "tender_not_found");
    report["amount"] = won(13_000);
    report["method"] = json!({ "kind": "bank_transfer" });
    market.post(&admin(), &path, json!({ "report": report })).await.succeeds();
    assert!(market.last_written().await.contains(&"checkout.anomaly_found".to_owned()));
}

#[tokio::test]
async fn money_that_nobody_knows_is_kept_in_its_payers_name() {
    let market = Market::open().await;
    let path = "/checkouts/chk_01h455vb4pex5vsknk084sn02q/observations";
    let mut body = json!({
        "report": {
            "status": "captured", "tender_id": "tnd_01h455vb4pex5vsknk084sn02q",
            "method": { "kind": "bank_transfer" }, "amount": won(13_000), "reference": "bank-7",
        },
    });
    market.post(&admin(), path, body.clone()).await.fails(404, "checkout_not_found");
    body["buyer_id"] = json!(buyer().person_id);
    market.post(&admin(), path, body.clone()).await.succeeds();
    assert_eq!(market.last_written().await, ["checkout.captured", "checkout.anomaly_found"]);
    let events = market.log.types().await.len();
    market.post(&admin(), path, body).await.succeeds();
    assert_eq!(market.log.types().await.len(), events);
}

#[tokio::test]
async fn only_admins_report_and_only_on_what_exists() {
    let market = Market::open().await;
    let report =
        json!({ "report": { "status": "unknown", "tender_id": "tnd_01h455vb4pex5vsknk084sn02q" } });
    let checkout = "/checkouts/chk_01h455vb4pex5vsknk084sn02q/observations";
    market.post(&buyer(), checkout, report.clone()).await.fails(403, "forbidden");
    market.post(&admin(), checkout, report).await.fails(404, "checkout_not_found");
    let scan = json!({ "observation_id": format!("obs_{:026}", 1), "scan": { "status": "lost" } });
    let parcel = "/shipments/shp_01h455vb4pex5vsknk084sn02q/observations";
    market.post(&buyer(), parcel, scan.clone()).await.fails(403, "forbidden");
    market.post(&admin(), parcel, scan).await.fails(404, "shipment_not_found");
}

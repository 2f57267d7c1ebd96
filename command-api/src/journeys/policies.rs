//! Fees and limits with a date.

use serde_json::{Value, json};

use crate::testing::NOON;
use crate::testing::market::{Market, admin, buyer, purchase};

fn fees(rate_bp: u32) -> Value {
    let terms = json!({ "rate_bp": rate_bp, "vat_rate_bp": 1_000, "rounding": "down" });
    json!({ "kind": "fees", "individual": terms, "business": terms })
}

#[tokio::test]
async fn fees_hold_from_their_date_on() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 10_000, 10).await;
    let from = NOON.plus_seconds(600);
    let body = json!({ "effective_from": from, "terms": fees(1_000) });
    let recorded = market.post(&admin(), "/policies", body).await.succeeds();
    assert_eq!((recorded.text("id"), &recorded.body["version"]), ("fees".to_owned(), &json!(1)));
    let frozen_fee = async || {
        market.post(&buyer(), "/orders", purchase(&listing, 1, 13_000)).await.succeeds();
        let events = market.log.events().await;
        let placed = events.iter().rfind(|event| event.meta.event_type == "order.placed").unwrap();
        let placed: Value = serde_json::from_slice(&placed.event).unwrap();
        (placed["fee"]["amount"]["amount_minor"].clone(), placed["fee"]["policy_version"].clone())
    };
    assert_eq!(frozen_fee().await, (json!(500), json!(0)));
    market.world.advance_to(from);
    assert_eq!(frozen_fee().await, (json!(1_000), json!(1)));
}

#[tokio::test]
async fn a_policy_without_notice_is_refused() {
    let market = Market::open().await;
    let body = json!({ "effective_from": NOON.plus_seconds(60), "terms": fees(500) });
    market.post(&admin(), "/policies", body).await.fails(422, "policy_too_soon");
    let body = json!({ "effective_from": NOON.plus_seconds(600), "terms": fees(9_999) });
    market.post(&admin(), "/policies", body).await.fails(422, "policy_fee_too_high");
}

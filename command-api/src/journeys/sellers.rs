//! Shops: opened, suspended, reinstated.

use events_schema::personal::{Contact, Field};
use serde_json::{Value, json};

use crate::testing::market::{Market, admin, buyer, details, purchase, won};

#[tokio::test]
async fn a_person_opens_a_shop_and_the_contact_is_never_in_clear() {
    let market = Market::open().await;
    let contact = json!({ "email": "minji@example.org" });
    let body = json!({ "seller_kind": "business", "name": "민지네", "contact": contact });
    let reply = market.post(&buyer(), "/sellers", body).await.succeeds();
    assert_eq!((reply.status.as_u16(), &reply.body["version"]), (201, &json!(1)));
    assert_eq!(reply.headers["etag"], "\"1-1.1\"");
    assert_eq!(reply.headers["jangteo-position"], "1.1");
    let stored = String::from_utf8(market.log.events().await.remove(0).event).unwrap();
    assert!(stored.contains("민지네") && !stored.contains("minji@"), "{stored}");
}

#[tokio::test]
async fn after_an_erasure_a_repeat_gets_its_answer_and_a_new_wish_does_not() {
    let market = Market::open().await;
    let contact = json!({ "email": "minji@example.org" });
    let body = json!({ "seller_kind": "business", "name": "민지네", "contact": contact });
    let register = async |key: &str| {
        let headers = [("idempotency-key", key)];
        market.send(Some(&buyer()), ("POST", "/sellers"), &headers, Some(body.clone())).await
    };
    let first = register("first").await.succeeds();
    market.sealer.erase(buyer().person_id, Contact::CLASS).await.unwrap();
    register("second").await.fails(409, "person_erased");
    assert_eq!(register("first").await.succeeds().body, first.body);
}

#[tokio::test]
async fn a_suspended_seller_sells_nothing_until_reinstated() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 10).await;
    let path = |step: &str| format!("/sellers/{}/{step}", shop.seller_id.unwrap());
    let reason = json!({ "reason": "가품 신고" });
    market.post(&admin(), &path("suspend"), reason).await.succeeds();
    let draft = json!({ "price": won(1), "details": details("컵") });
    market.post(&shop, "/products", draft.clone()).await.fails(422, "seller_suspended");
    let order = purchase(&listing, 1, 8_000);
    market.post(&buyer(), "/orders", order.clone()).await.fails(422, "seller_suspended");
    market.post(&admin(), &path("reinstate"), Value::Null).await.succeeds();
    market.post(&buyer(), "/orders", order).await.succeeds();
    market.post(&shop, "/products", draft).await.succeeds();
}

#[tokio::test]
async fn only_admins_suspend_and_only_what_exists() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let path = format!("/sellers/{}/suspend", shop.seller_id.unwrap());
    let reason = json!({ "reason": "가품 신고" });
    market.post(&shop, &path, reason.clone()).await.fails(403, "forbidden");
    let nobody = "/sellers/sel_01h455vb4pex5vsknk084sn02q/suspend";
    market.post(&admin(), nobody, reason).await.fails(404, "seller_not_found");
}

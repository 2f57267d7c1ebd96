//! Listings and their stock.

use events_schema::envelope::{Actor, Role};
use serde_json::{Value, json};

use crate::testing::market::{Market, admin, buyer, details, person, purchase, won};

#[tokio::test]
async fn a_listing_is_rejected_mended_approved_suspended_resumed_and_withdrawn() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let draft = json!({ "price": won(5_000), "details": details("자전거") });
    let listing = market.post(&shop, "/products", draft).await.succeeds().text("id");
    let path = |step: &str| format!("/products/{listing}/{step}");
    let whole = format!("/products/{listing}");
    let reason = json!({ "reason": "사진이 없습니다" });
    market.post(&shop, &path("submit"), Value::Null).await.succeeds();
    market.post(&admin(), &path("reject"), reason.clone()).await.succeeds();
    market.call(&shop, ("PUT", &whole), details("빨간 자전거")).await.succeeds();
    market.post(&shop, &path("submit"), Value::Null).await.succeeds();
    market
        .call(&shop, ("PUT", &whole), details("파란 자전거"))
        .await
        .fails(409, "listing_awaits_approval");
    market.post(&admin(), &path("approve"), Value::Null).await.succeeds();
    market.post(&admin(), &path("suspend"), reason).await.succeeds();
    market
        .post(&buyer(), "/orders", purchase(&listing, 1, 8_000))
        .await
        .fails(409, "listing_not_on_sale");
    market.post(&admin(), &path("resume"), Value::Null).await.succeeds();
    market.call(&shop, ("PUT", &path("price")), json!({ "price": won(4_000) })).await.succeeds();
    let gone = market.call(&shop, ("DELETE", &whole), Value::Null).await.succeeds();
    assert_eq!(gone.body["version"], 10);
    market.post(&admin(), &path("approve"), Value::Null).await.fails(409, "listing_withdrawn");
}

#[tokio::test]
async fn an_edit_of_what_has_changed_since_is_refused() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let draft = json!({ "price": won(5_000), "details": details("자전거") });
    let drafted = market.post(&shop, "/products", draft).await.succeeds();
    let path = format!("/products/{}", drafted.text("id"));
    let seen = drafted.headers["etag"].to_str().unwrap().to_owned();
    let edit = async |title: &str| {
        let body = Some(details(title));
        market.send(Some(&shop), ("PUT", &path), &[("if-match", &seen)], body).await
    };
    edit("빨간 자전거").await.succeeds();
    edit("파란 자전거").await.fails(412, "precondition_failed");
    market
        .send(Some(&shop), ("DELETE", &path), &[("if-match", &seen)], None)
        .await
        .fails(412, "precondition_failed");
}

#[tokio::test]
async fn the_listing_of_another_shop_does_not_exist() {
    let market = Market::open().await;
    let (shop, other) = (market.shop(10).await, market.shop(11).await);
    let listing = market.on_sale(&shop, 5_000, 1).await;
    let path = |step: &str| format!("/products/{listing}/{step}");
    let whole = format!("/products/{listing}");
    for reply in [
        market.call(&other, ("PUT", &whole), details("내 것")).await,
        market.call(&other, ("DELETE", &whole), Value::Null).await,
        market.call(&other, ("PUT", &path("price")), json!({ "price": won(1) })).await,
        market.post(&other, &path("submit"), Value::Null).await,
        market.post(&other, &path("stock"), json!({ "change": "add", "quantity": 1 })).await,
    ] {
        reply.fails(404, "listing_not_found");
    }
    let draft = json!({ "seller_id": shop.seller_id, "price": won(1), "details": details("컵") });
    market.post(&other, "/products", draft).await.fails(404, "seller_not_found");
    let no_shop = person(12, &[Role::Seller]);
    market.post(&no_shop, &path("submit"), Value::Null).await.fails(403, "forbidden");
}

#[tokio::test]
async fn a_manager_acts_on_behalf_of_the_shops_owner() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 1).await;
    let mut manager = person(20, &[Role::Manager]);
    manager.seller_id = shop.seller_id;
    let path = format!("/products/{listing}/price");
    market.call(&manager, ("PUT", &path), json!({ "price": won(4_500) })).await.succeeds();
    let last = market.log.events().await.pop().unwrap().meta;
    assert_eq!(last.on_behalf_of, Some(shop.person_id));
    assert_eq!(last.actor, Actor::Person { person_id: manager.person_id, role: Role::Manager });
}

#[tokio::test]
async fn stock_is_counted_per_option_and_never_falls_below_zero() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let mut body = json!({ "price": won(5_000), "details": details("티셔츠") });
    let nothing = json!({ "amount_minor": 0, "currency": "KRW" });
    body["details"]["options"] = json!([
        { "name": "S", "price_difference": nothing }, { "name": "L", "price_difference": nothing }
    ]);
    let listing = market.post(&shop, "/products", body).await.succeeds().text("id");
    let drafted: Value =
        serde_json::from_slice(&market.log.events().await.pop().unwrap().event).unwrap();
    let small = drafted["details"]["options"][0]["option_id"].clone();
    let path = format!("/products/{listing}/stock");
    let add = json!({ "change": "add", "quantity": 2 });
    market.post(&shop, &path, add).await.fails(422, "listing_option_required");
    let of_small =
        |change, quantity| json!({ "change": change, "option_id": small, "quantity": quantity });
    market.post(&shop, &path, of_small("add", 2)).await.succeeds();
    market.post(&shop, &path, of_small("remove", 3)).await.fails(409, "out_of_stock");
    market.post(&shop, &path, of_small("remove", 2)).await.succeeds();
}

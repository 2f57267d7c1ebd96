//! What persons like.

use serde_json::{Value, json};

use crate::testing::market::{Market, Reply, admin, buyer, details, other_buyer, won};
use edge::token::Caller;

async fn like(market: &Market, caller: &Caller, listing: &str) -> Reply {
    let path = format!("/products/{listing}/like");
    market.send(Some(caller), ("PUT", &path), &[], None).await
}

async fn take_back(market: &Market, caller: &Caller, listing: &str) -> Reply {
    let path = format!("/products/{listing}/like");
    market.send(Some(caller), ("DELETE", &path), &[], None).await
}

/// The version of the like after it.
#[track_caller]
fn version(reply: Reply) -> u64 {
    reply.succeeds().body["version"].as_u64().unwrap()
}

#[tokio::test]
async fn a_like_is_given_once_and_taken_back_once() {
    let market = Market::open().await;
    let listing = market.on_sale(&market.shop(10).await, 5_000, 1).await;
    assert_eq!(version(take_back(&market, &buyer(), &listing).await), 0);
    assert_eq!(version(like(&market, &buyer(), &listing).await), 1);
    assert_eq!(version(like(&market, &buyer(), &listing).await), 1);
    assert_eq!(version(take_back(&market, &buyer(), &listing).await), 2);
    assert_eq!(version(take_back(&market, &buyer(), &listing).await), 2);
    assert_eq!(version(like(&market, &buyer(), &listing).await), 3);
    let types = market.log.types().await;
    let likes = types.iter().filter(|name| name.starts_with("like."));
    assert_eq!(likes.collect::<Vec<_>>(), ["like.given", "like.taken_back", "like.given"]);
}

#[tokio::test]
async fn each_person_likes_in_a_stream_of_their_own_that_travels_with_the_listing() {
    let market = Market::open().await;
    let listing = market.on_sale(&market.shop(10).await, 5_000, 1).await;
    let one = like(&market, &buyer(), &listing).await.succeeds().text("id");
    let other = like(&market, &other_buyer(), &listing).await.succeeds().text("id");
    assert_ne!(one, other);
    let events = market.log.events().await;
    let likes = events.iter().filter(|event| event.meta.event_type.starts_with("like."));
    assert!(likes.clone().all(|event| event.meta.partition_key.as_str() == listing));
    assert_eq!(likes.count(), 2);
}

#[tokio::test]
async fn only_what_everybody_may_see_is_liked_but_any_like_is_taken_back() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let draft = json!({ "price": won(5_000), "details": details("자전거") });
    let draft = market.post(&shop, "/products", draft).await.succeeds().text("id");
    like(&market, &buyer(), &draft).await.fails(404, "listing_not_found");
    let nothing = "lst_01h455vb4pex5vsknk084sn02q";
    like(&market, &buyer(), nothing).await.fails(404, "listing_not_found");

    let listing = market.on_sale(&shop, 5_000, 1).await;
    like(&market, &buyer(), &listing).await.succeeds();
    let reason = json!({ "reason": "신고 접수" });
    market.post(&admin(), &format!("/products/{listing}/suspend"), reason).await.succeeds();
    like(&market, &other_buyer(), &listing).await.fails(409, "listing_not_on_sale");
    assert_eq!(version(like(&market, &buyer(), &listing).await), 1);
    market.call(&shop, ("DELETE", &format!("/products/{listing}")), Value::Null).await.succeeds();
    like(&market, &other_buyer(), &listing).await.fails(409, "listing_withdrawn");
    assert_eq!(version(take_back(&market, &buyer(), &listing).await), 2);
}

#[tokio::test]
async fn nobody_likes_a_listing_of_their_own() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 1).await;
    like(&market, &shop, &listing).await.fails(422, "own_listing");
    like(&market, &market.shop(11).await, &listing).await.succeeds();
}

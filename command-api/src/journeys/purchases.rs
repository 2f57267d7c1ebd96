//! Who may buy, and what costs nothing.

use edge::token::Caller;
use events_schema::envelope::Role;
use serde_json::{Value, json};

use crate::testing::market::{Market, buyer, details, other_buyer, purchase, won};

#[tokio::test]
async fn nobody_buys_in_a_shop_of_their_own() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 10).await;
    let owner = Caller { roles: vec![Role::Seller, Role::Buyer], ..shop.clone() };
    let in_disguise = Caller { roles: vec![Role::Buyer], seller_id: None, ..shop };
    let before = market.log.types().await.len();
    let place = async |caller| market.post(caller, "/orders", purchase(&listing, 1, 8_000)).await;
    place(&owner).await.fails(422, "own_shop");
    place(&in_disguise).await.fails(422, "own_shop");
    assert_eq!(market.log.types().await.len(), before);
    place(&other_buyer()).await.succeeds();
}

#[tokio::test]
async fn a_gift_is_paid_when_it_is_ordered_and_goes_all_the_way() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 1).await;
    let path = format!("/products/{listing}");
    let mut free = details("자전거");
    free["shipping"] = won(0);
    market.call(&shop, ("PUT", &path), free).await.succeeds();
    let price = json!({ "price": won(0) });
    market.call(&shop, ("PUT", &format!("{path}/price")), price).await.succeeds();
    let body = json!({ "lines": [{ "listing_id": listing, "quantity": 1 }], "tenders": [] });
    let placed = market.post(&buyer(), "/orders", body).await.succeeds();
    let mut written = market.last_written().await;
    written.sort();
    assert_eq!(
        written,
        [
            "checkout.opened",
            "escrow.opened",
            "inventory.committed",
            "inventory.reserved",
            "order.paid",
            "order.placed",
        ]
    );
    assert_eq!(placed.body["orders"][0]["version"], 2);
    let order = placed.body["orders"][0]["id"].as_str().unwrap();
    let step = |name: &str| format!("/orders/{order}/{name}");
    market.post(&shop, &step("ship"), json!({ "carrier": "한진" })).await.succeeds();
    market.post(&shop, &step("deliver"), Value::Null).await.succeeds();
    market.post(&buyer(), &step("confirm"), Value::Null).await.succeeds();
    assert_eq!(market.last_written().await, ["order.confirmed"]);
}

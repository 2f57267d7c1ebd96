//! The tree of categories.

use serde_json::{Value, json};

use crate::testing::market::{Market, admin, details, won};

#[tokio::test]
async fn a_tree_of_three_levels_is_built_renamed_and_retired() {
    let market = Market::open().await;
    let create = async |name: &str, parent: Option<&str>| {
        let body = json!({ "name": name, "parent_id": parent });
        market.post(&admin(), "/products/categories", body).await
    };
    let root = create("가구", None).await.succeeds().text("id");
    let chairs = create("의자", Some(&root)).await.succeeds().text("id");
    let office = create("사무용", Some(&chairs)).await.succeeds().text("id");
    create("너무 깊음", Some(&office)).await.fails(422, "category_too_deep");
    let path = format!("/products/categories/{chairs}");
    let renamed = market.call(&admin(), ("PUT", &path), json!({ "name": "걸상" })).await.succeeds();
    assert_eq!(renamed.body["version"], 2);
    market.call(&admin(), ("DELETE", &path), Value::Null).await.succeeds();
    create("흔들의자", Some(&chairs)).await.fails(422, "category_parent_retired");
    let unknown = "/products/categories/cat_01h455vb4pex5vsknk084sn02q";
    market.call(&admin(), ("DELETE", unknown), Value::Null).await.fails(404, "category_not_found");
}

#[tokio::test]
async fn a_listing_carries_the_ancestors_of_its_category() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let root = market.post(&admin(), "/products/categories", json!({ "name": "가구" })).await;
    let child = json!({ "name": "의자", "parent_id": root.text("id") });
    let child = market.post(&admin(), "/products/categories", child).await.text("id");
    let mut body = json!({ "price": won(5_000), "details": details("의자") });
    body["details"]["category_id"] = json!(child);
    market.post(&shop, "/products", body.clone()).await.succeeds();
    let stored = market.log.events().await.pop().unwrap().event;
    let stored: Value = serde_json::from_slice(&stored).unwrap();
    assert_eq!(stored["details"]["category_ancestors"], json!([root.text("id")]));
    body["details"]["category_id"] = json!("cat_01h455vb4pex5vsknk084sn02q");
    market.post(&shop, "/products", body).await.fails(422, "listing_category_not_found");
}

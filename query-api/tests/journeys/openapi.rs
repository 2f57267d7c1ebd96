//! What the API says of itself.

use crate::support::Stage;

#[tokio::test]
async fn every_route_is_described_with_its_answer() {
    let stage = Stage::open().await;
    let document = serde_json::to_value(stage.app.document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/products",
        "/products/{listing_id}",
        "/products/{listing_id}/history",
        "/products/{listing_id}/reviews",
        "/products/categories",
        "/products/suggest",
        "/sellers/{seller_id}",
        "/sellers/{seller_id}/rating",
        "/sellers/{seller_id}/reviews",
        "/sellers/{seller_id}/balance",
        "/likes",
        "/orders",
        "/orders/{order_id}",
        "/orders/{order_id}/timeline",
        "/checkouts/{checkout_id}",
        "/ledger/trial-balance",
        "/policies",
        "/events",
        "/events/{position}",
    ] {
        let answer = &paths[path]["get"]["responses"]["200"]["content"];
        let schema = answer.as_object().unwrap().values().next().unwrap()["schema"]["$ref"].clone();
        let name = schema.as_str().unwrap().rsplit('/').next().unwrap();
        let properties = &document["components"]["schemas"][name]["properties"];
        assert!(properties.as_object().is_some_and(|all| !all.is_empty()), "{path}: {name}");
    }
}

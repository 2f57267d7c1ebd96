//! A trade, each step of it by way of nginx. Of two command APIs that nginx knows one is dead, and
//! nobody notices.

use serde_json::{Value, json};
use tests::market::{Placed, purchase, won};
use tests::person::Person;

use super::site::Site;

#[tokio::test]
async fn a_bicycle_is_sold_through_nginx() {
    let site = Site::new(0).await;
    let shop = a_seller(&site).await;
    let listing_id = a_listing(&site, &shop).await;
    let buyer = site.a_buyer();
    let placed = site.post(&buyer, "/orders", &purchase(&[(&listing_id, 1)], 13_000)).await;
    assert_eq!(placed.status, 201);
    let placed = Placed::of(&placed);
    let report = json!({ "report": { "tender_id": placed.tender_ids[0], "status": "captured" } });
    let observations = format!("/checkouts/{}/observations", placed.checkout_id);
    let _ = site.post(site.admin(), &observations, &report).await.ok();
    let _ = site.post(&shop, &placed.path("/prepare"), &Value::Null).await.ok();
    let order = site.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["status"], "preparing");
    assert_eq!(order["address"]["street"], "월드컵로 1");
    let pieces =
        site.get(&buyer, &format!("/products/{listing_id}")).await.ok()["stock"][0].clone();
    assert_eq!((&pieces["available"], &pieces["sold"]), (&json!(4), &json!(1)));
    the_log_names_requests_and_no_people(&site, &buyer);
    site.end().await;
}

async fn a_seller(site: &Site) -> Person {
    let owner = site.a_buyer();
    let body = json!({ "seller_kind": "individual", "name": "망원상점" });
    let seller_id = site.post(&owner, "/sellers", &body).await.at("/id");
    owner.with_shop(&site.keys, &seller_id, site.world.now())
}

async fn a_listing(site: &Site, shop: &Person) -> String {
    let details = json!({
        "title": "삼천리 자전거",
        "condition": "good",
        "region": ["서울특별시", "마포구"],
        "shipping": won(3_000),
    });
    let body = json!({ "price": won(10_000), "details": details });
    let listing_id = site.post(shop, "/products", &body).await.at("/id");
    let path = |step: &str| format!("/products/{listing_id}/{step}");
    let stock = json!({ "change": "add", "quantity": 5 });
    let _ = site.post(shop, &path("stock"), &stock).await.ok();
    let _ = site.post(shop, &path("submit"), &Value::Null).await.ok();
    let _ = site.post(site.admin(), &path("approve"), &Value::Null).await.ok();
    listing_id
}

#[track_caller]
fn the_log_names_requests_and_no_people(site: &Site, buyer: &Person) {
    let accesses = site.nginx.accesses();
    let commands: Vec<_> =
        accesses.iter().filter(|access| access["api"] == "command_api").collect();
    assert_eq!(commands.len(), 8, "{commands:?}");
    assert!(commands.iter().all(|access| access["method"] == "POST"), "{commands:?}");
    let tries = |access: &&Value| access["upstream_status"].as_str().unwrap().contains("502, 20");
    assert!(commands.iter().any(tries), "none was sent to the dead one first: {commands:?}");
    let text = Value::from(accesses).to_string();
    for personal in ["127.0.0.1", &buyer.token, &buyer.caller.person_id.to_string(), "ord_"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    assert_eq!(site.nginx.said(), "", "nor does the log of errors");
}

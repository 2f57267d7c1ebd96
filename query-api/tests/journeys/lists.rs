//! Pages of orders, reviews, policies and changes.

use events_schema::envelope::Role;
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{buyer, limits, listing_id, registered, shop, staff, stranger};
use crate::support::trade::{OPINION, placed, trade, traded};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["order_id"].as_str().unwrap().to_owned()).collect()
}

async fn ten_orders(stage: &Stage) -> Vec<String> {
    let mut placed_ids = vec![traded(stage).await.order_id.to_string()];
    for number in 2..=10 {
        stage.record(placed(trade(number), None)).await;
        placed_ids.push(trade(number).order_id.to_string());
    }
    stage.settle().await;
    placed_ids.reverse();
    placed_ids
}

#[tokio::test]
async fn pages_of_orders_are_newest_first_without_gap_or_double() {
    let stage = Stage::open().await;
    let newest_first = ten_orders(&stage).await;
    let mut seen = Vec::new();
    let mut path = "/orders?limit=3".to_owned();
    loop {
        let page = stage.get(Some(&buyer()), &path).await.ok();
        seen.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/orders?limit=3&cursor={cursor}");
        // What is added meanwhile is newer, and moves nothing.
        stage.record(placed(trade(100 + u128::try_from(seen.len()).unwrap()), None)).await;
        stage.settle().await;
    }
    assert_eq!(seen, newest_first);
}

#[tokio::test]
async fn each_side_lists_its_own_orders() {
    let stage = Stage::open().await;
    let all = ten_orders(&stage).await;
    let list =
        async |caller, query: &str| stage.get(Some(&caller), &format!("/orders{query}")).await;
    assert_eq!(ids(&list(buyer(), "?role=buyer").await.ok()), all);
    assert_eq!(ids(&list(shop(1), "?role=seller").await.ok()), all);
    assert_eq!(ids(&list(shop(1), "").await.ok()), all);
    assert!(ids(&list(stranger(), "").await.ok()).is_empty());
    assert!(ids(&list(shop(2), "").await.ok()).is_empty());
    assert_eq!(list(buyer(), "?role=seller").await.status, 403);
    assert_eq!(list(shop(1), "?role=buyer").await.status, 403);
    let theirs = format!("?buyer_id={}", buyer().person_id);
    assert_eq!(list(stranger(), &theirs).await.status, 403);
    assert_eq!(ids(&list(staff(Role::Auditor), &theirs).await.ok()), all);
    assert_eq!(list(staff(Role::Auditor), "").await.status, 400);
    assert_eq!(ids(&list(buyer(), "?status=confirmed").await.ok()), all[9..]);
    assert_eq!(ids(&list(buyer(), "?status=placed").await.ok()), all[..9]);
    assert_eq!(list(buyer(), "?status=eaten").await.status, 400);
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_or_is_of_another_list_is_refused() {
    let stage = Stage::open().await;
    ten_orders(&stage).await;
    let page = stage.get(Some(&buyer()), "/orders?limit=3").await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut tampered = cursor.to_owned();
    tampered.replace_range(3..4, if &tampered[3..4] == "A" { "B" } else { "A" });
    let longer = format!("{cursor}AA");
    for bad in [tampered.as_str(), &longer, "x", ""] {
        let reply = stage.get(Some(&buyer()), &format!("/orders?cursor={bad}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "cursor_invalid"), "{bad}");
    }
    for (caller, path) in [
        (stranger(), format!("/orders?cursor={cursor}")),
        (buyer(), format!("/orders?status=placed&cursor={cursor}")),
        (buyer(), format!("/products?cursor={cursor}")),
        (buyer(), format!("/products?q=x&cursor={cursor}")),
    ] {
        let reply = stage.get(Some(&caller), &path).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "cursor_invalid"), "{path}");
    }
}

#[tokio::test]
async fn a_seller_is_known_by_name_stars_and_reviews() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let path = format!("/sellers/{}", trade.seller_id);
    let seen = stage.get(None, &path).await.ok();
    assert_eq!((&seen["name"], &seen["status"]), (&"망원상점".into(), &"active".into()));
    assert!(seen.get("owner_id").is_none(), "only the seller itself is told");
    assert!(stage.get(Some(&shop(1)), &path).await.ok().get("owner_id").is_some());
    let rating = stage.get(None, &format!("{path}/rating")).await.ok();
    assert_eq!((&rating["count"], &rating["average_hundredths"]), (&1.into(), &500.into()));
    for reviews in [format!("{path}/reviews"), format!("/products/{}/reviews", listing_id(1))] {
        let page = stage.get(None, &reviews).await.ok();
        assert_eq!(page["items"][0]["comment"], OPINION);
        assert!(page["items"][0].get("buyer_id").is_none());
    }
    let nobody = crate::support::market::seller_id(9);
    for path in [format!("/sellers/{nobody}"), format!("/sellers/{nobody}/rating")] {
        assert_eq!(stage.get(None, &path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_change_of_a_listing_is_kept_with_its_time() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let path = format!("/products/{}/history", listing_id(1));
    let page = stage.get(None, &path).await.ok();
    let changes: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|one| &one["change"]).collect();
    let newest_first =
        ["listing.price_changed", "listing.approved", "listing.submitted", "listing.drafted"];
    assert_eq!(changes, newest_first);
    let prices = stage.get(None, &format!("{path}?change=listing.price_changed")).await.ok();
    assert_eq!(prices["items"].as_array().unwrap().len(), 1);
    assert_eq!(prices["items"][0]["new_price"]["amount_minor"], 9_000);
    assert_eq!(prices["items"][0]["actor"], "test", "everybody is told in which role");
    let inside = stage.get(Some(&shop(1)), &path).await.ok();
    assert_eq!(inside["items"][0]["actor"], "process:test");
}

#[tokio::test]
async fn policies_are_listed_by_kind_the_latest_first() {
    let stage = Stage::open().await;
    for days in [1, 3, 2] {
        stage.record(vec![limits(days)]).await;
    }
    stage.settle().await;
    let versions = |page: &Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(versions(&stage.get(None, "/policies?kind=limits").await.ok()), [2, 3, 1]);
    assert_eq!(versions(&stage.get(None, "/policies").await.ok()), [2, 3, 1]);
    assert!(versions(&stage.get(None, "/policies?kind=fees").await.ok()).is_empty());
    assert_eq!(stage.get(None, "/policies?kind=taxes").await.status, 400);
}

#[tokio::test]
async fn a_seller_who_has_earned_nothing_yet_is_due_nothing() {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.settle().await;
    let path = format!("/sellers/{}/balance", crate::support::market::seller_id(1));
    for query in ["", "?as_of_position=1"] {
        let reply = stage.get(Some(&shop(1)), &format!("{path}{query}")).await;
        assert_eq!(reply.ok()["balances"], serde_json::json!([]));
    }
    let nobody = format!("/sellers/{}/balance", crate::support::market::seller_id(9));
    assert_eq!(stage.get(Some(&staff(Role::Auditor)), &nobody).await.status, 404);
}

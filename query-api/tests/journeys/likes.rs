//! Who likes what, and how many.

use events_schema::envelope::Role;
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{
    buyer, liked, listing_id, on_sale, staff, stranger, suspended, unliked,
};

async fn three_listings() -> Stage {
    let stage = Stage::open().await;
    for (number, title) in [(1, "빨간 자전거"), (2, "파란 자전거"), (3, "냉장고")] {
        on_sale(&stage, number, title, 1_000).await;
    }
    stage
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["listing_id"].as_str().unwrap().to_owned()).collect()
}

fn listings<const N: usize>(numbers: [u128; N]) -> Vec<String> {
    numbers.map(|number| listing_id(number).to_string()).to_vec()
}

#[tokio::test]
async fn everybody_lists_what_they_like_newest_first_page_by_page() {
    let stage = three_listings().await;
    for number in [2, 3, 1] {
        stage.record(vec![liked(number, &buyer())]).await;
    }
    stage.record(vec![liked(3, &stranger())]).await;
    stage.settle().await;
    let page = stage.get(Some(&buyer()), "/likes?limit=2").await.ok();
    assert_eq!(ids(&page), listings([1, 3]));
    let cursor = page["next_cursor"].as_str().unwrap();
    // What is liked meanwhile is newer, and moves nothing.
    stage.record(vec![unliked(1, &buyer()), liked(1, &buyer())]).await;
    stage.settle().await;
    let rest = stage.get(Some(&buyer()), &format!("/likes?limit=2&cursor={cursor}")).await.ok();
    assert_eq!((ids(&rest), rest.get("next_cursor")), (listings([2]), None));
    assert_eq!(ids(&stage.get(Some(&stranger()), "/likes").await.ok()), listings([3]));
    let others = stage.get(Some(&stranger()), &format!("/likes?cursor={cursor}")).await;
    assert_eq!(others.status, 400, "a cursor is of one person's list");
}

#[tokio::test]
async fn a_like_is_listed_with_the_listing_while_everybody_may_see_it() {
    let stage = three_listings().await;
    stage.record(vec![liked(1, &buyer())]).await;
    stage.settle().await;
    let item = stage.get(Some(&buyer()), "/likes").await.ok()["items"][0].clone();
    assert_eq!(item["product"]["details"]["title"], "빨간 자전거");
    assert_eq!(item["product"]["likes"], 1);
    stage.record(vec![suspended(1)]).await;
    stage.settle().await;
    let item = stage.get(Some(&buyer()), "/likes").await.ok()["items"][0].clone();
    assert_eq!(item["listing_id"], listing_id(1).to_string());
    assert!(item["given_at"].is_string() && item["product"].is_null(), "{item}");
    stage.record(vec![unliked(1, &buyer())]).await;
    stage.settle().await;
    assert!(ids(&stage.get(Some(&buyer()), "/likes").await.ok()).is_empty());
}

#[tokio::test]
async fn a_list_of_likes_needs_somebody_who_trades() {
    let stage = Stage::open().await;
    assert_eq!(stage.get(None, "/likes").await.status, 401);
    assert_eq!(stage.get(Some(&staff(Role::Analyst)), "/likes").await.status, 403);
    assert_eq!(stage.get(Some(&buyer()), "/likes?person_id=per_1").await.status, 400);
}

#[tokio::test]
async fn how_many_like_a_listing_is_shown_to_all_now_and_as_of_then() {
    let stage = three_listings().await;
    stage.record(vec![liked(2, &buyer())]).await;
    let then = stage.head().await;
    stage.record(vec![liked(2, &stranger())]).await;
    stage.settle().await;
    let path = format!("/products/{}", listing_id(2));
    let likes = async |path: &str| stage.get(None, path).await.ok()["likes"].clone();
    assert_eq!(likes(&path).await, 2);
    assert_eq!(likes(&format!("{path}?as_of_position={then}")).await, 1);
    let list = stage.get(None, "/products").await.ok();
    let counts = list["items"].as_array().unwrap().iter().map(|item| item["likes"].clone());
    assert_eq!(counts.collect::<Vec<_>>(), [0, 2, 0]);
}

#[tokio::test]
async fn of_what_matches_as_well_the_liked_is_found_first() {
    let stage = three_listings().await;
    stage.settle().await;
    // 자전거
    let path = "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0";
    let found = async || ids(&stage.get(None, path).await.ok());
    let before = found().await;
    let last = if before[0] == listing_id(1).to_string() { 2 } else { 1 };
    stage.record(vec![liked(last, &buyer())]).await;
    stage.settle().await;
    let after = found().await;
    assert_eq!(after[0], listing_id(last).to_string());
    assert_eq!((after.len(), after[1] == before[0]), (2, true));
}

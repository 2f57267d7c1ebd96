//! What is offered, and how it is found.

use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{
    created_category, drafted, listing_id, met_at, on_sale, registered, shop, stranger,
};

async fn market() -> Stage {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    for (number, title, price) in [
        (1, "빨간 자전거", 300_000),
        (2, "파란 자전거", 100_000),
        (3, "원목 책상", 200_000),
        (4, "접이식 의자", 50_000),
    ] {
        on_sale(&stage, number, title, price).await;
    }
    stage.record(vec![drafted(5, "아직 쓰는 중", 1_000)]).await;
    stage.settle().await;
    stage
}

fn numbers(page: &Value) -> Vec<u128> {
    let items = page["items"].as_array().unwrap();
    let id = |item: &Value| item["listing_id"].as_str().unwrap().to_owned();
    items
        .iter()
        .map(|item| (1..=9).find(|n| listing_id(*n).to_string() == id(item)).unwrap())
        .collect()
}

async fn found(stage: &Stage, query: &str) -> Vec<u128> {
    numbers(&stage.get(None, &format!("/products?{query}")).await.ok())
}

#[tokio::test]
async fn without_a_wish_the_newest_on_sale_come_first() {
    let stage = market().await;
    assert_eq!(found(&stage, "").await, [4, 3, 2, 1]);
    let first = stage.get(None, "/products?limit=3").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = stage.get(None, &format!("/products?limit=3&cursor={cursor}")).await.ok();
    assert_eq!((numbers(&first), numbers(&second)), (vec![4, 3, 2], vec![1]));
    assert!(second.get("next_cursor").is_none());
}

#[tokio::test]
async fn words_filters_prices_and_orders_find_listings() {
    let stage = market().await;
    let mut bicycles = found(&stage, "q=%EC%9E%90%EC%A0%84%EA%B1%B0").await;
    bicycles.sort_unstable();
    assert_eq!(bicycles, [1, 2]);
    assert_eq!(found(&stage, "sort=price_asc").await, [4, 2, 3, 1]);
    assert_eq!(found(&stage, "sort=price_desc").await, [1, 3, 2, 4]);
    assert_eq!(found(&stage, "price_min=100000&price_max=200000&sort=price_asc").await, [2, 3]);
    assert_eq!(found(&stage, "condition=good").await.len(), 4);
    assert_eq!(found(&stage, "condition=new").await.len(), 0);
    assert_eq!(found(&stage, "condition=new&condition=good").await.len(), 4);
    let seller = format!("seller_id={}", crate::support::market::seller_id(1));
    assert_eq!(found(&stage, &seller).await, [4, 3, 2, 1]);
}

#[tokio::test]
async fn a_search_is_paged_and_counts_its_facets() {
    let stage = market().await;
    let first =
        stage.get(None, "/products?sort=price_asc&limit=3&facets=condition,brand").await.ok();
    assert_eq!(first["total"], 4);
    assert_eq!(first["facets"]["condition"][0], serde_json::json!({ "value": "good", "count": 4 }));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second =
        stage.get(None, &format!("/products?sort=price_asc&limit=3&cursor={cursor}")).await;
    assert_eq!((numbers(&first), numbers(&second.ok())), (vec![4, 2, 3], vec![1]));
    let other = stage.get(None, &format!("/products?sort=price_desc&cursor={cursor}")).await;
    assert_eq!((other.status, other.code().as_str()), (400, "cursor_invalid"));
}

#[tokio::test]
async fn what_is_near_is_found_by_distance_and_only_with_a_meeting_point() {
    let stage = market().await;
    stage.record(vec![met_at(1, "빨간 자전거", "35.18,129.08")]).await;
    stage.record(vec![met_at(2, "파란 자전거", "37.00,127.01")]).await;
    stage.record(vec![met_at(3, "원목 책상", "37.56,126.91")]).await;
    stage.settle().await;
    assert_eq!(found(&stage, "near=37.5512,126.9134&sort=distance").await, [3, 2, 1]);
    assert_eq!(found(&stage, "near=35,129&sort=distance&condition=good").await, [1, 2, 3]);
    assert_eq!(found(&stage, "near=37.55,126.91&within_km=100").await, [3, 2]);
    assert_eq!(
        found(&stage, "near=37.55,126.91&within_km=100&sort=price_asc&price_max=100000").await,
        [2]
    );
    assert_eq!(found(&stage, "near=37.55,126.91&within_km=2&sort=distance").await, [3]);
    assert_eq!(found(&stage, "near=-37.55,126.91&within_km=1000&sort=distance").await, [0; 0]);
    let first = stage.get(None, "/products?near=37.55,126.91&sort=distance&limit=2").await.ok();
    assert_eq!(first["total"], 3);
    let meeting_point = serde_json::json!({
        "latitude_microdegrees": 37_560_000, "longitude_microdegrees": 126_910_000,
    });
    assert_eq!(first["items"][0]["details"]["meeting_point"], meeting_point);
}

#[tokio::test]
async fn what_is_not_on_sale_is_its_sellers_alone() {
    let stage = market().await;
    let draft = format!("/products/{}", listing_id(5));
    let drafts =
        format!("/products?status=draft&seller_id={}", crate::support::market::seller_id(1));
    assert_eq!(stage.get(None, &draft).await.status, 404);
    assert_eq!(stage.get(Some(&stranger()), &draft).await.status, 404);
    assert_eq!(stage.get(Some(&shop(2)), &draft).await.status, 404);
    assert_eq!(stage.get(Some(&shop(1)), &draft).await.ok()["status"], "draft");
    assert_eq!(stage.get(None, &drafts).await.status, 403);
    assert_eq!(stage.get(Some(&shop(2)), &drafts).await.status, 403);
    assert_eq!(numbers(&stage.get(Some(&shop(1)), &drafts).await.ok()), [5]);
    assert_eq!(stage.get(Some(&shop(1)), "/products?status=draft").await.status, 400);
    assert_eq!(stage.get(None, &drafts).await.status, 403, "nothing was kept for others");
}

#[tokio::test]
async fn a_kept_page_is_not_shown_once_the_view_has_moved_on() {
    let stage = market().await;
    assert_eq!(found(&stage, "").await.len(), 4);
    on_sale(&stage, 6, "새 자전거", 400_000).await;
    stage.settle().await;
    assert_eq!(found(&stage, "").await, [6, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_refused_by_name() {
    let stage = market().await;
    for query in [
        "limit=0",
        "limit=101",
        "sort=best",
        "facets=colour",
        "condition=shiny",
        "category=x",
        "seller_kind=king",
        "price_min=2&price_max=1",
        "price_min=1.5",
        "status=eaten",
        "near=37.55,126.91",
        "near=37.55&sort=distance",
        "near=91,126.91&sort=distance",
        "near=37.55,181&within_km=5",
        "near=NaN,NaN&within_km=5",
        "near=37.55,126.91&near=37.55,126.91&within_km=5",
        "sort=distance",
        "within_km=5",
        "near=37.55,126.91&within_km=0",
        "near=37.55,126.91&within_km=1001",
        "near=37.55,126.91&within_km=1.5",
        "x=y",
        "q=a&q=b",
        "seller_id=per_00000000000000000000000001",
    ] {
        let reply = stage.get(None, &format!("/products?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_query"), "{query}");
    }
    let long = format!("/products?q={}", "a".repeat(401));
    assert_eq!(stage.get(None, &long).await.status, 400);
}

#[tokio::test]
async fn the_tree_of_categories_is_shown() {
    let stage = market().await;
    let tree = stage.get(None, "/products/categories").await.ok();
    assert_eq!(tree["items"][0]["name"], "자전거");
    assert_eq!(tree["items"][0]["children"], serde_json::json!([]));
}

#[tokio::test]
async fn a_search_shows_where_each_title_was_found() {
    let stage = market().await;
    let part = |text: &str, found: bool| serde_json::json!({ "text": text, "found": found });
    let page = stage.get(None, "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0&sort=price_asc").await.ok();
    let parts = page["items"].as_array().unwrap().iter().map(|item| item["title_parts"].clone());
    let expected = ["파란 ", "빨간 "]
        .map(|before| serde_json::json!([part(before, false), part("자전거", true)]));
    assert_eq!(parts.collect::<Vec<_>>(), expected);
    let unsought = stage.get(None, "/products?sort=price_asc").await.ok();
    assert!(unsought["items"][0].get("title_parts").is_none());
}

#[tokio::test]
async fn what_is_typed_is_completed_from_what_is_offered() {
    let stage = market().await;
    let suggested = async |query: &str| {
        stage.get(None, &format!("/products/suggest?{query}")).await.ok()["items"].clone()
    };
    // 자저, a syllable in progress, and ㅈㅈㄱ.
    assert_eq!(suggested("q=%EC%9E%90%EC%A0%80").await, serde_json::json!(["자전거"]));
    assert_eq!(
        suggested("q=%E3%85%88%E3%85%88%E3%84%B1&limit=1").await,
        serde_json::json!(["자전거"])
    );
    // 책, which one title has.
    assert_eq!(suggested("q=%EC%B1%85").await, serde_json::json!([]));
    assert_eq!(suggested("q=").await, serde_json::json!([]));
    on_sale(&stage, 6, "튼튼한 책상", 400_000).await;
    stage.settle().await;
    assert_eq!(suggested("q=%EC%B1%85").await, serde_json::json!(["책상"]));
    let long = format!("q={}", "a".repeat(401));
    for query in ["", "q=a&q=b", "q=a&limit=0", "q=a&limit=21", "q=a&x=y", &long] {
        let reply = stage.get(None, &format!("/products/suggest?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_query"), "{query}");
    }
}

//! Public answers that are kept: loaded once, never outdated, nobody's own.

use std::sync::Arc;
use std::time::Duration;

use edge::app::App;
use futures::future::join_all;

use crate::support::counting::Glass;
use crate::support::market::{
    buyer, created_category, drafted, listing_id, on_sale, registered, seller_id, shop, suspended,
};
use crate::support::trade::{OPINION, STREET, traded};
use crate::support::{Reply, Stage};

async fn market() -> Stage {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    on_sale(&stage, 1, "빨간 자전거", 300_000).await;
    on_sale(&stage, 2, "파란 자전거", 100_000).await;
    stage.settle().await;
    stage
}

/// What processes share.
const LISTS: [&str; 3] =
    ["/products", "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0&facets=brand", "/products/categories"];

/// Everything that is kept.
fn public_paths() -> Vec<String> {
    let documents = [
        format!("/products/{}", listing_id(1)),
        format!("/sellers/{}", seller_id(1)),
        format!("/sellers/{}/rating", seller_id(1)),
    ];
    documents.into_iter().chain(LISTS.map(str::to_owned)).collect()
}

async fn get(stage: &Stage, app: &App, path: &str) -> Reply {
    Reply::of(app.answer(stage.request(None, path, &[])).await).await
}

#[tokio::test]
async fn a_hundred_readers_at_once_cost_one_load() {
    let stage = market().await;
    for path in public_paths() {
        let before = stage.documents.watch.reads();
        let alone = stage.another_app(Arc::new(Glass::default()));
        let once = get(&stage, &alone, &path).await;
        let one_load = stage.documents.watch.reads() - before;
        assert!(one_load > 0, "{path}");
        let replies = join_all((0..100).map(|_| stage.get(None, &path))).await;
        assert_eq!(stage.documents.watch.reads() - before, 2 * one_load, "{path}");
        for reply in replies {
            assert_eq!(reply.ok(), once.ok(), "{path}");
            assert_eq!(reply.header("etag"), once.header("etag"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_hundred_readers_of_what_is_not_there_are_all_told_so_by_one_load() {
    let stage = market().await;
    let nothing = format!("/products/{}", listing_id(9));
    let before = stage.documents.watch.reads();
    let replies = join_all((0..100).map(|_| stage.get(None, &nothing))).await;
    assert!(replies.iter().all(|reply| reply.status == 404));
    assert_eq!(stage.documents.watch.reads() - before, 1);
}

#[tokio::test]
async fn the_list_that_one_process_has_loaded_another_finds_in_the_cache() {
    let stage = market().await;
    let cache = Arc::new(Glass::default());
    let (one, other) = (stage.another_app(cache.clone()), stage.another_app(cache.clone()));
    for path in LISTS {
        let loaded = get(&stage, &one, path).await;
        let before = stage.documents.watch.reads();
        let found = get(&stage, &other, path).await;
        assert_eq!(stage.documents.watch.reads(), before, "{path}");
        assert_eq!(found.ok(), loaded.ok(), "{path}");
        for name in ["etag", "jangteo-position", "content-type"] {
            assert_eq!(found.header(name), loaded.header(name), "{path}: {name}");
        }
    }
    assert_eq!(cache.values().len(), LISTS.len());
    let half_an_hour = Duration::from_secs(30 * 60);
    assert!(cache.values().values().all(|(_, lives)| *lives == half_an_hour));
}

#[tokio::test]
async fn what_is_hidden_now_is_shown_by_no_cache() {
    let stage = market().await;
    let cache = Arc::new(Glass::default());
    let (one, other) = (stage.another_app(cache.clone()), stage.another_app(cache.clone()));
    let page = format!("/products/{}", listing_id(1));
    let searched = "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0";
    for path in [&page, "/products", searched] {
        get(&stage, &one, path).await.ok();
    }
    let hidden_at = stage.record(vec![suspended(1)]).await;
    let least = format!("1.{hidden_at}");
    for app in [&one, &other] {
        for path in [&page, "/products", searched] {
            let asked = stage.request(None, path, &[("jangteo-min-position", &least)]);
            let reply = Reply::of(app.answer(asked).await).await;
            if *path == page {
                assert_eq!(reply.status, 404);
            } else {
                let text = String::from_utf8(reply.bytes.clone()).unwrap();
                assert!(!text.contains("빨간") && text.contains("파란"), "{path}: {text}");
                assert_eq!(reply.header("jangteo-position"), least);
            }
        }
    }
    let own = Reply::of(other.answer(stage.request(Some(&shop(1)), &page, &[])).await).await;
    assert_eq!(own.ok()["status"], "suspended");
    assert_eq!(get(&stage, &other, &page).await.status, 404, "what its seller saw was not kept");
}

#[tokio::test]
async fn where_somebody_asks_from_is_kept_no_finer_than_its_grid() {
    let stage = market().await;
    let cache = Arc::new(Glass::default());
    let app = stage.another_app(cache.clone());
    let near = |place: &str| format!("/products?within_km=5&near={place}&sort=distance");
    let first = get(&stage, &app, &near("37.5549,126.9101")).await.ok();
    let before = stage.documents.watch.reads();
    let neighbour = get(&stage, &app, &near("37.545123,%20126.9149")).await.ok();
    assert_eq!((neighbour, stage.documents.watch.reads()), (first, before));
    let _ = get(&stage, &app, &near("37.5449,126.9101")).await.ok();
    assert_eq!(cache.values().len(), 2);
    for key in cache.values().keys() {
        for fine in ["5549", "545123", "5449", "9101", "9149"] {
            assert!(!key.contains(fine), "{key}");
        }
    }
}

#[tokio::test]
async fn without_the_cache_every_request_is_answered() {
    let stage = market().await;
    let cache = Arc::new(Glass::default());
    cache.take_away();
    let app = stage.another_app(cache.clone());
    for path in public_paths() {
        assert_eq!(get(&stage, &app, &path).await.ok(), stage.get(None, &path).await.ok());
    }
    cache.bring_back();
    on_sale(&stage, 3, "새 자전거", 1_000).await;
    stage.settle().await;
    get(&stage, &app, "/products").await.ok();
    assert_eq!(cache.values().len(), 1, "it is used again");
}

#[tokio::test]
async fn nothing_personal_and_nobodys_own_is_kept() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    stage.record(vec![drafted(5, "아직 쓰는 중", 1_000)]).await;
    stage.settle().await;
    let cache = Arc::new(Glass::default());
    let app = stage.another_app(cache.clone());
    for (caller, path) in [
        (buyer(), format!("/orders/{}", trade.order_id)),
        (buyer(), "/orders".to_owned()),
        (buyer(), "/likes".to_owned()),
        (buyer(), format!("/sellers/{}/reviews", trade.seller_id)),
        (buyer(), format!("/products/{}/reviews", listing_id(1))),
        (buyer(), "/products".to_owned()),
        (shop(1), format!("/products/{}", listing_id(5))),
        (shop(1), format!("/products?status=draft&seller_id={}", seller_id(1))),
        (shop(1), format!("/sellers/{}", trade.seller_id)),
        (shop(1), format!("/sellers/{}/balance", trade.seller_id)),
    ] {
        Reply::of(app.answer(stage.request(Some(&caller), &path, &[])).await).await.ok();
    }
    let kept = cache.values();
    let text = kept.iter().fold(String::new(), |text, (key, (value, _))| {
        format!("{text}{key} {}\n", String::from_utf8_lossy(value))
    });
    assert_eq!(kept.len(), 1, "the public list alone: {text}");
    assert!(text.contains("빨간 자전거"), "{text}");
    let buyer_id = buyer().person_id.to_string();
    for secret in [OPINION, STREET, "아직 쓰는 중", &buyer_id, "per_"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

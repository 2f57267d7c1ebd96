//! What the client has, and what it has written, is taken into account.

use std::time::Duration;

use crate::support::Stage;
use crate::support::market::{buyer, repriced};
use crate::support::trade::traded;

#[tokio::test]
async fn what_the_client_has_is_not_sent_again_until_it_changes() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let listing = crate::support::market::listing_id(1);
    for (caller, path) in [
        (None, format!("/products/{listing}")),
        (Some(buyer()), format!("/orders/{}", trade.order_id)),
    ] {
        let first = stage.get(caller.as_ref(), &path).await;
        let tag = first.header("etag").to_owned();
        let version = first.ok()["version"].as_u64().unwrap();
        assert!(tag.starts_with(&format!("\"{version}-1.")), "{tag}");
        let again = stage.ask(caller.as_ref(), &path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), tag);
        assert!(again.headers.contains_key("jangteo-position"));
    }
    let path = format!("/products/{listing}");
    let tag = stage.get(None, &path).await.header("etag").to_owned();
    stage.record(vec![repriced(1, 9_000, 8_000)]).await;
    stage.settle().await;
    let changed = stage.ask(None, &path, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.ok()["price"]["amount_minor"], 8_000);
}

#[tokio::test]
async fn an_unrelated_event_leaves_the_tag_as_it_was() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let path = format!("/orders/{}", trade.order_id);
    let tag = stage.get(Some(&buyer()), &path).await.header("etag").to_owned();
    stage.record(vec![repriced(1, 9_000, 8_000)]).await;
    stage.settle().await;
    let reply = stage.ask(Some(&buyer()), &path, &[("if-none-match", &tag)]).await;
    assert_eq!(reply.status, 304);
}

#[tokio::test]
async fn a_client_reads_what_it_wrote() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let path = format!("/products/{}", crate::support::market::listing_id(1));
    for price in 1..=20 {
        let position = stage.record(vec![repriced(1, 9_000, price)]).await;
        let least = format!("1.{position}");
        let reply = stage.ask(None, &path, &[("jangteo-min-position", &least)]).await;
        assert_eq!(reply.ok()["price"]["amount_minor"], price);
        let reached = reply.header("jangteo-position").strip_prefix("1.").unwrap();
        assert!(reached.parse::<u64>().unwrap() >= position.0);
    }
}

#[tokio::test]
async fn a_position_that_is_not_reached_or_of_another_epoch_is_a_412() {
    let stage = Stage::waiting(Duration::from_millis(100)).await;
    let trade = traded(&stage).await;
    let head = stage.head().await;
    let order = format!("/orders/{}", trade.order_id);
    for path in [order.clone(), format!("{order}/timeline"), "/orders".to_owned()] {
        let beyond = format!("1.{}", head.0 + 1);
        let reply = stage.ask(Some(&buyer()), &path, &[("jangteo-min-position", &beyond)]).await;
        assert_eq!((reply.status, reply.code().as_str()), (412, "view_behind"), "{path}");
        assert_eq!(reply.header("jangteo-position"), format!("1.{head}"));
        let other = stage.ask(Some(&buyer()), &path, &[("jangteo-min-position", "2.1")]).await;
        assert_eq!((other.status, other.code().as_str()), (412, "epoch_changed"), "{path}");
        let bad = stage.ask(Some(&buyer()), &path, &[("jangteo-min-position", "x")]).await;
        assert_eq!((bad.status, bad.code().as_str()), (400, "invalid_header"), "{path}");
    }
}

#[tokio::test]
async fn a_document_that_contradicts_itself_is_parked() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    // More is released than is held.
    let position = stage.record(crate::support::trade::confirmed(trade)).await;
    stage.settle().await;
    let path = format!("/orders/{}", trade.order_id);
    let reply = stage.get(Some(&buyer()), &path).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "view_parked"));
    assert!(reply.headers.contains_key("retry-after"));
    let before = format!("{path}?as_of_position={}", position.0 - 3);
    assert_eq!(stage.get(Some(&buyer()), &before).await.status, 200, "the past still stands");
}

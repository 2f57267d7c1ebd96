//! History as a stream.

use std::collections::BTreeSet;

use events_schema::envelope::Role;
use futures::StreamExt;
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{repriced, staff};
use crate::support::trade::{OPINION, STREET, traded};

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn positions(bytes: &[u8]) -> Vec<u64> {
    lines(bytes).iter().map(|line| line["position"].as_u64().unwrap()).collect()
}

async fn read(stage: &Stage, path: &str) -> Vec<u8> {
    let reply = stage.get(Some(&staff(Role::Analyst)), path).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.bytes));
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    reply.bytes
}

#[tokio::test]
async fn a_line_says_all_that_the_log_knows() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let all = read(&stage, "/events").await;
    let hashes = stage.all().await;
    assert_eq!(lines(&all).len(), hashes.len());
    for (line, (position, hash)) in lines(&all).iter().zip(hashes) {
        assert_eq!(line["position"], position);
        assert_eq!(line["content_hash"], hash.to_string());
        for column in [
            "epoch",
            "stream",
            "version",
            "event_id",
            "type",
            "schema_version",
            "occurred_at",
            "recorded_at",
            "actor",
            "origin",
            "command_id",
            "correlation_id",
            "payload",
        ] {
            assert!(line.get(column).is_some(), "{column}");
        }
    }
}

#[tokio::test]
async fn the_payload_is_the_bytes_that_were_stored_and_personal_data_stays_sealed() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let text = String::from_utf8(read(&stage, "/events").await).unwrap();
    for event in stage.log.read(Default::default(), &Default::default(), 100).await.unwrap().events
    {
        let payload = String::from_utf8(event.event).unwrap();
        assert!(text.contains(&format!("\"payload\":{payload}}}")), "{payload}");
    }
    for secret in [STREET, OPINION] {
        assert!(!text.contains(secret));
    }
    assert!(text.contains("\"kind\":\"address\""), "the sealed field is there");
}

#[tokio::test]
async fn a_reader_goes_on_where_it_was_cut_off_without_gap_or_double() {
    let stage = Stage::open().await;
    traded(&stage).await;
    for price in 1..=700 {
        stage.record(vec![repriced(1, price, price + 1)]).await;
    }
    let head = stage.head().await.0;
    assert_eq!(positions(&read(&stage, "/events").await), (1..=head).collect::<Vec<_>>());
    for cut in [0, 1, 255, 256, 257, 512, head - 1, head] {
        for after in [cut.to_string(), format!("1.{cut}")] {
            let rest = positions(&read(&stage, &format!("/events?after={after}")).await);
            assert_eq!(rest, (cut + 1..=head).collect::<Vec<_>>(), "after {after}");
        }
    }
}

#[tokio::test]
async fn filters_choose_by_type_stream_and_time() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let types = read(&stage, "/events?type=order.paid&type=order.placed").await;
    let names: Vec<_> = lines(&types).iter().map(|line| line["type"].clone()).collect();
    assert_eq!(names, ["order.placed", "order.paid"]);
    let stream = format!("/events?stream=escrow/{}", trade.order_id);
    assert_eq!(lines(&read(&stage, &stream).await).len(), 3);
    let shipments = lines(&read(&stage, "/events?stream=shipment/").await);
    assert_eq!(shipments.len(), 2);
    let recorded_at = shipments[1]["recorded_at"].as_str().unwrap();
    let since = positions(&read(&stage, &format!("/events?from={recorded_at}")).await);
    let until = positions(&read(&stage, &format!("/events?until={recorded_at}")).await);
    let both: BTreeSet<_> = until.iter().chain(&since).copied().collect();
    assert_eq!(both.len(), until.len() + since.len(), "until is exclusive");
    assert_eq!(u64::try_from(both.len()).unwrap(), stage.head().await.0);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let head = stage.head().await.0;
    for (query, status, code) in [
        (format!("after={}", head + 1), 400, "invalid_query"),
        ("after=x".to_owned(), 400, "invalid_query"),
        ("after=2.1".to_owned(), 412, "epoch_changed"),
        ("type=order.eaten".to_owned(), 400, "invalid_query"),
        ("stream=order%25".to_owned(), 400, "invalid_query"),
        ("from=yesterday".to_owned(), 400, "invalid_query"),
        ("follow=maybe".to_owned(), 400, "invalid_query"),
        ("follow=true&until=2023-01-01T00:00:00Z".to_owned(), 400, "invalid_query"),
        ("colour=red".to_owned(), 400, "invalid_query"),
    ] {
        let reply = stage.get(Some(&staff(Role::Analyst)), &format!("/events?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{query}");
    }
    for (path, status) in [("/events/0", 404), ("/events/x", 400), ("/events/99999999", 404)] {
        assert_eq!(stage.get(Some(&staff(Role::Analyst)), path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_follower_sees_the_tail_as_it_grows_and_ends_when_the_service_does() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let head = stage.head().await.0;
    let path = format!("/events?follow=true&after={}&type=listing.price_changed", head - 1);
    let request = stage.request(Some(&staff(Role::Auditor)), &path, &[]);
    let mut pages = stage.app.answer(request).await.into_body().into_data_stream();
    let mut seen = Vec::new();
    for price in 1..=5 {
        let position = stage.record(vec![repriced(1, price, price + 1)]).await;
        let page = pages.next().await.unwrap().unwrap();
        seen.extend(positions(&page));
        assert_eq!(seen.last(), Some(&position.0));
    }
    assert_eq!(seen, (head + 1..=head + 5).collect::<Vec<_>>());
    stage.closing.cancel();
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn a_reader_holds_one_page_at_a_time() {
    let stage = Stage::open().await;
    traded(&stage).await;
    for price in 1..=1_200 {
        stage.record(vec![repriced(1, price, price + 1)]).await;
    }
    let request = stage.request(Some(&staff(Role::Auditor)), "/events", &[]);
    let mut pages = stage.app.answer(request).await.into_body().into_data_stream();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = positions(&page.unwrap());
        assert!(page.len() <= 256);
        all.extend(page);
    }
    assert_eq!(all, (1..=stage.head().await.0).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_event_is_for_ever_the_same() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let caller = staff(Role::Auditor);
    let one = stage.get(Some(&caller), "/events/3").await;
    assert_eq!(one.ok()["position"], 3);
    let tag = one.header("etag").to_owned();
    assert_eq!(stage.ask(Some(&caller), "/events/3", &[("if-none-match", &tag)]).await.status, 304);
    assert!(one.header("cache-control").contains("immutable"));
}

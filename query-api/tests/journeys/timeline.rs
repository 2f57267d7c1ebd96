//! A trade, step by step.

use events_schema::envelope::Role;
use events_schema::listing;
use events_schema::text::Reason;
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{buyer, drafted, listing_id, seller_id, shop, staff, submitted};
use crate::support::trade::{OPINION, STREET, placed, reported, shared, trade, traded};

fn types(timeline: &Value) -> Vec<String> {
    let entries = timeline["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn shows_every_step_across_streams_once_and_in_order() {
    let stage = Stage::open().await;
    let trade_1 = traded(&stage).await;
    // Another order of the same listing is no part of it.
    stage.record(placed(trade(2), None)).await;
    let path = format!("/orders/{}/timeline", trade_1.order_id);
    let timeline = stage.get(Some(&buyer()), &path).await.ok();
    let steps = [
        // The listing as it was seen: the later price is no part of it.
        "listing.drafted",
        "listing.submitted",
        "listing.approved",
        "checkout.opened",
        "order.placed",
        "escrow.opened",
        "inventory.reserved",
        "checkout.captured",
        "escrow.funded",
        "order.paid",
        "inventory.committed",
        "order.preparing",
        "shipment.registered",
        "order.shipped",
        "shipment.delivered",
        "order.delivered",
        "order.confirmed",
        "escrow.released",
        "review.written",
    ];
    assert_eq!(types(&timeline), steps);
    let entries = timeline["entries"].as_array().unwrap();
    let positions: Vec<_> = entries.iter().map(|one| one["position"].as_u64().unwrap()).collect();
    assert!(positions.is_sorted_by(|one, next| one < next));
    for entry in entries {
        let event = format!("/events/{}", entry["position"]);
        let event = stage.get(Some(&staff(Role::Auditor)), &event).await.ok();
        // A step has the names that the event has.
        for column in ["event_id", "type", "stream", "causation_id", "content_hash"] {
            assert_eq!(event[column], entry[column], "{column}");
        }
        for column in ["occurred_at", "recorded_at", "actor", "origin", "command_id", "summary"] {
            assert!(!entry[column].as_str().unwrap().is_empty(), "{column}");
        }
        assert!(entry["stream"].as_str().unwrap().contains('/') && entry["version"].is_u64());
    }
    assert_eq!(entries[0]["stream"], format!("listing/{}", listing_id(1)));
    assert_eq!(entries[4]["summary"], "주문했습니다 (1건, 합계 13,000원)");
}

#[tokio::test]
async fn opens_personal_data_for_the_sides_and_never_in_a_summary() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let path = format!("/orders/{}/timeline", trade.order_id);
    for caller in [buyer(), shop(1), staff(Role::Auditor)] {
        let timeline = stage.get(Some(&caller), &path).await.ok();
        let entries = timeline["entries"].as_array().unwrap();
        assert_eq!(entries[4]["data"]["address"]["street"], STREET);
        assert_eq!(entries.last().unwrap()["data"]["comment"], OPINION);
        let summaries = entries.iter().map(|entry| entry["summary"].as_str().unwrap());
        assert!(
            summaries.into_iter().all(|text| !text.contains(STREET) && !text.contains(OPINION))
        );
    }
    let class = events_schema::personal::RetentionClass::Trade5y;
    stage.sealer.erase(trade.buyer_id, class).await.unwrap();
    let timeline = stage.get(Some(&buyer()), &path).await.ok();
    assert_eq!(timeline["entries"][4]["data"]["address"], serde_json::json!({ "erased": true }));
}

#[tokio::test]
async fn who_reported_a_review_is_told_to_the_staff_alone() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    stage.record(vec![reported(trade)]).await;
    let path = format!("/orders/{}/timeline", trade.order_id);
    for (caller, is_told) in [(buyer(), false), (shop(1), false), (staff(Role::Auditor), true)] {
        let timeline = stage.get(Some(&caller), &path).await.ok();
        let told = types(&timeline).contains(&"review.reported".to_owned());
        assert_eq!(told, is_told, "{caller:?}");
    }
}

#[tokio::test]
async fn why_a_listing_was_rejected_is_told_to_the_staff_alone() {
    let stage = Stage::open().await;
    let rejected = listing::Event::Rejected(listing::Rejected {
        listing_id: listing_id(1),
        seller_id: seller_id(1),
        reason: Reason::new("사진이 흐려요").unwrap(),
    });
    stage.record(vec![drafted(1, "자전거", 10_000), submitted(1), rejected.into()]).await;
    stage.record(placed(trade(1), None)).await;
    let path = format!("/orders/{}/timeline", trade(1).order_id);
    for (caller, is_told) in [(buyer(), false), (shop(1), false), (staff(Role::Auditor), true)] {
        let timeline = stage.get(Some(&caller), &path).await.ok();
        let told = types(&timeline).contains(&"listing.rejected".to_owned());
        assert_eq!(told, is_told, "{caller:?}");
        assert!(types(&timeline).contains(&"listing.drafted".to_owned()));
    }
}

#[tokio::test]
async fn an_order_that_nobody_placed_has_none() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let path = format!("/orders/{}/timeline", trade(9).order_id);
    assert_eq!(stage.get(Some(&staff(Role::Admin)), &path).await.status, 404);
    let other = stage.get(Some(&buyer()), &format!("/orders/{}/timeline", listing_id(1))).await;
    assert_eq!((other.status, other.code().as_str()), (400, "invalid_path"));
}

#[tokio::test]
async fn a_seller_sees_nothing_of_the_others_in_the_same_checkout() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let (other, events) = shared(2);
    stage.record(events).await;
    for (order_id, seller) in [(trade(2).order_id, shop(1)), (other.order_id, shop(2))] {
        let path = format!("/orders/{order_id}/timeline");
        let told = stage.get(Some(&seller), &path).await;
        let text = String::from_utf8(told.bytes.clone()).unwrap();
        assert!(!text.contains("26000") && !text.contains("26,000"), "{text}");
        let orders = [trade(2).order_id, other.order_id].map(|id| id.to_string());
        let theirs = orders.iter().filter(|id| text.contains(id.as_str()));
        assert_eq!(theirs.count(), 1);
        assert!(types(&told.ok()).contains(&"checkout.opened".to_owned()), "that it was, is told");
        let whole = stage.get(Some(&buyer()), &path).await.ok();
        assert_eq!(whole["entries"][3]["data"]["total"]["amount_minor"], 26_000);
    }
}

//! Sell and buy.

use serde_json::{Value, json};
use tests::market::{BICYCLE, Offer, Placed, purchase, won};
use tests::person::Person;
use tests::stage::Stage;
use tests::wait::eventually;

super::on_every_stack! {
    a_bicycle_is_sold_from_the_shop_to_the_review,
    a_checkout_of_two_sellers_is_one_append,
    a_seller_sees_own_orders_and_nobody_elses,
}

async fn a_bicycle_is_sold_from_the_shop_to_the_review(stage: Stage) {
    let category_id = stage.a_category("자전거").await;
    let shop = stage.a_seller().await;
    let listing_id = a_listing_goes_on_sale(&stage, &shop, &category_id).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    assert_eq!(stage.pieces(&listing_id).await, [4, 1, 0]);
    stage.capture(&placed).await;
    assert_eq!(status(&stage, &buyer, &placed).await, "paid");
    assert_eq!(stage.pieces(&listing_id).await, [4, 0, 1]);
    let shipment_id = stage.ship(&shop, &placed).await;
    assert_eq!(status(&stage, &shop, &placed).await, "shipped");
    for scan in ["picked_up", "in_transit", "delivered"] {
        let _ = stage.scan(&shipment_id, scan, None).await.ok();
    }
    assert_eq!(status(&stage, &buyer, &placed).await, "delivered");
    let _ = stage.post(&buyer, &placed.path("/confirm"), Value::Null).await.ok();
    let review =
        json!({ "order_id": placed.order_ids[0], "rating": 5, "comment": "잘 받았습니다" });
    let _ = stage.post(&buyer, "/reviews", review).await.ok();

    let order = stage.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["status"], "confirmed");
    assert_eq!(order["shipments"][0]["status"], "delivered");
    assert_eq!(order["address"]["street"], "월드컵로 1");
    let shop_path = |of: &str| format!("/sellers/{}/{of}", shop.seller_id());
    let balance = stage.get(&shop, &shop_path("balance")).await.ok();
    let fee = stage.get(&shop, &placed.path("")).await.ok()["fee"].clone();
    let kept = minor(&fee["amount"]) + minor(&fee["vat"]);
    assert!(kept > 0, "{fee}");
    assert_eq!(balance["balances"][0]["due"], won(13_000 - kept));
    let rating = stage.get(&buyer, &shop_path("rating")).await.ok();
    assert_eq!(rating["count"].as_u64(), Some(1), "{rating}");
    let reviews = stage.get(&buyer, &format!("/products/{listing_id}/reviews")).await.ok();
    assert_eq!(reviews["items"][0]["comment"], "잘 받았습니다", "{reviews}");
    assert_eq!(stage.ledger().await["difference_minor"]["KRW"], 0);
    the_timeline_is_complete(&stage, &buyer, (&placed, &listing_id)).await;
}

async fn a_listing_goes_on_sale(stage: &Stage, shop: &Person, category_id: &str) -> String {
    let offer = Offer { category_id: Some(category_id), ..BICYCLE };
    let listing_id = stage.a_listing(shop, offer).await;
    // 자전거
    let path = "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0&facets=category";
    let found = eventually("the search finds it", async || {
        let found = stage.get(shop, path).await.ok();
        (found["total"] == 1).then_some(found)
    })
    .await;
    assert_eq!(found["items"][0]["listing_id"], listing_id.as_str());
    assert_eq!(found["facets"]["category"][0]["value"], category_id);
    let elsewhere = stage.get(shop, "/products?q=%EB%83%89%EC%9E%A5%EA%B3%A0").await.ok();
    assert_eq!(elsewhere["total"], 0);
    listing_id
}

async fn the_timeline_is_complete(
    stage: &Stage,
    buyer: &Person,
    (placed, listing_id): (&Placed, &str),
) {
    let timeline = stage.get(buyer, &placed.path("/timeline")).await.ok();
    let entries = timeline["entries"].as_array().unwrap();
    let positions: Vec<_> =
        entries.iter().map(|entry| entry["position"].as_u64().unwrap()).collect();
    assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
    let types: Vec<_> = entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    let listing = ["listing.drafted", "listing.submitted", "listing.approved"];
    assert_eq!(types[..3], listing, "the listing as it was seen comes first");
    let mut placing = types[3..7].to_vec();
    placing.sort_unstable();
    let all = ["checkout.opened", "escrow.opened", "inventory.reserved", "order.placed"];
    assert_eq!(placing, all);
    for kind in [
        "checkout.captured",
        "escrow.funded",
        "inventory.committed",
        "order.paid",
        "order.preparing",
        "order.shipped",
        "shipment.registered",
        "shipment.picked_up",
        "shipment.in_transit",
        "shipment.delivered",
        "order.delivered",
        "order.confirmed",
        "escrow.released",
        "review.written",
    ] {
        assert_eq!(types.iter().filter(|other| **other == kind).count(), 1, "{kind} in {types:?}");
    }
    assert_eq!(entries.len(), 7 + 14, "{types:?}");
    for entry in entries {
        for field in ["occurred_at", "recorded_at", "actor", "summary"] {
            assert!(entry[field].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
        }
    }
    let order = entries.iter().find(|entry| entry["type"] == "order.placed").unwrap();
    assert_eq!(order["data"]["lines"][0]["listing_version"], 3);
    assert_eq!(order["data"]["lines"][0]["listing_id"], listing_id);
    assert_eq!(order["actor"], format!("{}:buyer", buyer.caller.person_id));
}

async fn a_checkout_of_two_sellers_is_one_append(stage: Stage) {
    let (one, two) = (stage.a_seller().await, stage.a_seller().await);
    let bicycle = stage.a_listing(&one, BICYCLE).await;
    let helmet = Offer { title: "헬멧", price: 20_000, ..BICYCLE };
    let helmet = stage.a_listing(&two, helmet).await;
    let before = stage.head().await.0;
    let buyer = stage.a_buyer();
    let body = purchase(&[(&bicycle, 1), (&helmet, 2)], 56_000);
    let placed = Placed::of(&stage.post(&buyer, "/orders", body).await);
    assert_eq!(placed.order_ids.len(), 2);
    // A checkout, and for each seller an order, an escrow and the stock that it holds.
    assert_eq!(placed.position, before + 7);
    let events = stage.events().await;
    let written: Vec<_> = events.iter().filter(|event| event.position.0 > before).collect();
    assert!(written.iter().all(|event| event.meta.command_id == written[0].meta.command_id));
    assert!(written.iter().all(|event| event.recorded_at == written[0].recorded_at));
    stage.capture(&placed).await;
    for order_id in &placed.order_ids {
        let order = stage.get(&buyer, &format!("/orders/{order_id}")).await.ok();
        assert_eq!(order["status"], "paid");
    }
    let checkout = stage.get(&buyer, &format!("/checkouts/{}", placed.checkout_id)).await.ok();
    assert_eq!(checkout["captured"], won(56_000));
    assert_eq!(stage.ledger().await["difference_minor"]["KRW"], 0);
}

async fn a_seller_sees_own_orders_and_nobody_elses(stage: Stage) {
    let (one, two) = (stage.a_seller().await, stage.a_seller().await);
    let listing_id = stage.a_listing(&one, BICYCLE).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    for person in [&buyer, &one, stage.admin()] {
        assert_eq!(stage.get(person, &placed.path("")).await.status, 200);
    }
    for person in [&two, &stage.a_buyer()] {
        stage.get(person, &placed.path("")).await.fails(404, "not_found");
        stage.get(person, &placed.path("/timeline")).await.fails(404, "not_found");
        let body = json!({ "reason": "buyer_changed_mind" });
        let cancelled = stage.post(person, &placed.path("/cancel"), body).await;
        cancelled.fails(404, "order_not_found");
    }
    let orders = stage.get(&one, "/orders?role=seller").await.ok();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1);
    let orders = stage.get(&two, "/orders?role=seller").await.ok();
    assert_eq!(orders["items"].as_array().unwrap().len(), 0);
}

async fn status(stage: &Stage, person: &Person, placed: &Placed) -> String {
    stage.get(person, &placed.path("")).await.at("/status")
}

fn minor(money: &Value) -> u64 {
    money["amount_minor"].as_u64().unwrap()
}

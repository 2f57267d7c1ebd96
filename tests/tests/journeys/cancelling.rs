//! What does not come about: cancelled, declined, sold to somebody else.

use serde_json::json;
use tests::market::{BICYCLE, Offer, purchase, won};
use tests::stage::Stage;

super::on_both_logs! {
    cancelling_before_the_payment_gives_the_stock_back,
    cancelling_after_the_payment_books_the_refund,
    a_declined_payment_releases_the_stock,
    one_piece_is_sold_once_however_many_want_it,
}

async fn cancelling_before_the_payment_gives_the_stock_back(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    assert_eq!(stage.pieces(&listing_id).await, [4, 1, 0]);
    let body = json!({ "reason": "buyer_changed_mind" });
    let _ = stage.post(&buyer, &placed.path("/cancel"), body).await.ok();
    assert_eq!(stage.pieces(&listing_id).await, [5, 0, 0]);
    let order = stage.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["status"], "cancelled");
    assert_eq!(order["escrow"]["refunded"], won(0));
    let checkout = stage.get(&buyer, &format!("/checkouts/{}", placed.checkout_id)).await.ok();
    assert_eq!(checkout["end_reason"], "orders_cancelled");
    let accounts = stage.ledger().await["accounts"].clone();
    assert_eq!(accounts, json!([]), "no money moved");
}

async fn cancelling_after_the_payment_books_the_refund(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    stage.capture(&placed).await;
    let body = json!({ "reason": "buyer_changed_mind" });
    let _ = stage.post(&buyer, &placed.path("/cancel"), body).await.ok();
    assert_eq!(stage.pieces(&listing_id).await, [5, 0, 0]);
    let order = stage.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["escrow"]["funded"], won(13_000));
    assert_eq!(order["escrow"]["refunded"], won(13_000));
    assert_eq!(order["escrow"]["held"], won(0));
    let ledger = stage.ledger().await;
    assert_eq!(ledger["difference_minor"]["KRW"], 0);
    let refund = |account: &serde_json::Value| account["balance_minor"] == -13_000;
    assert!(ledger["accounts"].as_array().unwrap().iter().any(refund), "{ledger}");
}

async fn a_declined_payment_releases_the_stock(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    stage.report(&placed, json!({ "status": "declined", "reason": "insufficient_funds" })).await;
    assert_eq!(stage.pieces(&listing_id).await, [5, 0, 0]);
    let order = stage.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["status"], "cancelled");
    let checkout = stage.get(&buyer, &format!("/checkouts/{}", placed.checkout_id)).await.ok();
    assert_eq!(checkout["tenders"][0]["status"], "declined");
}

async fn one_piece_is_sold_once_however_many_want_it(stage: Stage) {
    let shop = stage.a_seller().await;
    let rarity = stage.a_listing(&shop, Offer { stock: 1, ..BICYCLE }).await;
    let (first, second) = (stage.a_buyer(), stage.a_buyer());
    let want = |buyer| stage.post(buyer, "/orders", purchase(&[(&rarity, 1)], 13_000));
    let (one, other) = tokio::join!(want(&first), want(&second));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let loser = if one.status == 409 { one } else { other };
    loser.fails(409, "out_of_stock");
    assert_eq!(stage.pieces(&rarity).await, [0, 1, 0]);
}

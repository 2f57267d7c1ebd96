//! What does not come about: cancelled, declined, sold to somebody else.

use serde_json::{Value, json};
use tests::market::{BICYCLE, Offer, Placed, purchase, won};
use tests::person::Person;
use tests::stage::Stage;

super::on_every_stack! {
    cancelling_before_the_payment_gives_the_stock_back,
    cancelling_after_the_payment_books_the_refund,
    one_of_two_orders_is_cancelled_and_the_other_is_paid,
    the_old_amount_for_a_reduced_checkout_is_explained,
    a_payment_that_was_declined_in_part_is_given_back,
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
    let refund = |account: &Value| account["balance_minor"] == -13_000;
    assert!(ledger["accounts"].as_array().unwrap().iter().any(refund), "{ledger}");
}

/// A bicycle from each of two sellers, 26,000 won, by these tenders.
async fn bicycles_of_two(stage: &Stage, buyer: &Person, parts: &[u64]) -> (Placed, [String; 2]) {
    let (one, two) = (stage.a_seller().await, stage.a_seller().await);
    let listings = [stage.a_listing(&one, BICYCLE).await, stage.a_listing(&two, BICYCLE).await];
    let mut body = purchase(&[(&listings[0], 1), (&listings[1], 1)], 26_000);
    let card = &body["tenders"][0]["method"];
    let tender = |part: &u64| json!({ "method": card, "amount": won(*part) });
    body["tenders"] = parts.iter().map(tender).collect();
    (Placed::of(&stage.post(buyer, "/orders", body).await), listings)
}

async fn cancel(stage: &Stage, buyer: &Person, order_id: &str) {
    let body = json!({ "reason": "buyer_changed_mind" });
    let _ = stage.post(buyer, &format!("/orders/{order_id}/cancel"), body).await.ok();
}

async fn balances(stage: &Stage) -> Value {
    let ledger = stage.ledger().await;
    assert_eq!(ledger["difference_minor"]["KRW"], 0);
    let accounts = ledger["accounts"].as_array().unwrap().iter();
    let open = accounts.filter(|account| account["balance_minor"] != 0);
    open.map(|it| (it["account"].as_str().unwrap().to_owned(), it["balance_minor"].clone()))
        .collect()
}

async fn one_of_two_orders_is_cancelled_and_the_other_is_paid(stage: Stage) {
    let buyer = stage.a_buyer();
    let (placed, listings) = bicycles_of_two(&stage, &buyer, &[26_000]).await;
    cancel(&stage, &buyer, &placed.order_ids[1]).await;
    assert_eq!(stage.pieces(&listings[1]).await, [5, 0, 0]);
    let path = format!("/checkouts/{}", placed.checkout_id);
    let checkout = stage.get(&buyer, &path).await.ok();
    assert_eq!((&checkout["status"], &checkout["total"]), (&json!("open"), &won(13_000)));
    stage.report(&placed, json!({ "status": "captured", "amount": won(13_000) })).await;
    let checkout = stage.get(&buyer, &path).await.ok();
    assert_eq!((&checkout["status"], &checkout["captured"]), (&json!("paid"), &won(13_000)));
    assert_eq!(checkout["shares"].as_array().unwrap().len(), 1);
    assert_eq!(checkout["anomalies"], Value::Null);
    let order = stage.get(&buyer, &placed.path("")).await.ok();
    assert_eq!(order["status"], "paid");
    assert_eq!(stage.pieces(&listings[0]).await, [4, 0, 1]);
    assert_eq!(
        balances(&stage).await,
        json!({ "gateway_receivable:card": 13_000, "escrow": -13_000 })
    );
    cancel(&stage, &buyer, &placed.order_ids[0]).await;
    assert_eq!(stage.get(&buyer, &path).await.ok()["status"], "paid");
}

async fn the_old_amount_for_a_reduced_checkout_is_explained(stage: Stage) {
    let buyer = stage.a_buyer();
    let (placed, _) = bicycles_of_two(&stage, &buyer, &[26_000]).await;
    stage.report(&placed, json!({ "status": "authorised" })).await;
    cancel(&stage, &buyer, &placed.order_ids[1]).await;
    stage.capture(&placed).await;
    let checkout = stage.get(&buyer, &format!("/checkouts/{}", placed.checkout_id)).await.ok();
    assert_eq!((&checkout["status"], &checkout["excess"]), (&json!("paid"), &won(13_000)));
    assert_eq!(
        balances(&stage).await,
        json!({
            "gateway_receivable:card": 26_000, "escrow": -13_000, "suspense:overpaid": -13_000,
        })
    );
}

async fn a_payment_that_was_declined_in_part_is_given_back(stage: Stage) {
    let buyer = stage.a_buyer();
    let (placed, listings) = bicycles_of_two(&stage, &buyer, &[20_000, 6_000]).await;
    let [first, second] = [0, 1].map(|n| {
        let tender_ids = vec![placed.tender_ids[n].clone()];
        Placed { tender_ids, ..placed.clone() }
    });
    stage.capture(&first).await;
    let declined = json!({ "status": "declined", "reason": "insufficient_funds" });
    stage.report(&second, declined).await;
    assert_eq!(stage.pieces(&listings[0]).await, [4, 1, 0]);
    let path = format!("/checkouts/{}", placed.checkout_id);
    cancel(&stage, &buyer, &placed.order_ids[0]).await;
    let checkout = stage.get(&buyer, &path).await.ok();
    assert_eq!((&checkout["status"], &checkout["given_back"]), (&json!("open"), &won(10_000)));
    cancel(&stage, stage.admin(), &placed.order_ids[1]).await;
    let checkout = stage.get(&buyer, &path).await.ok();
    assert_eq!(checkout["status"], "cancelled");
    assert_eq!(checkout["end_reason"], "orders_cancelled");
    for (listing, order_id) in listings.iter().zip(&placed.order_ids) {
        assert_eq!(stage.pieces(listing).await, [5, 0, 0]);
        let order = stage.get(&buyer, &format!("/orders/{order_id}")).await.ok();
        assert_eq!((&order["status"], &order["escrow"]["held"]), (&json!("cancelled"), &won(0)));
        assert_eq!(order["escrow"]["refunded"], won(10_000));
    }
    assert_eq!(
        balances(&stage).await,
        json!({ "gateway_receivable:card": 20_000, "refund_payable:card": -20_000 })
    );
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

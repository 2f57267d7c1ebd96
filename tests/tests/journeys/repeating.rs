//! Repeats, races between readers and writers, and what clients already have.

use serde_json::{Value, json};
use tests::market::{BICYCLE, purchase, won};
use tests::stage::Stage;

super::on_every_stack! {
    a_repeat_under_the_same_key_gets_the_first_answer,
    a_stale_if_match_changes_nothing,
    what_the_client_has_is_not_sent_again,
    a_reader_sees_what_it_wrote_or_is_told_to_wait,
}

async fn a_repeat_under_the_same_key_gets_the_first_answer(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let key = stage.key();
    let order = async |person, quantity: u32, total| {
        let body = purchase(&[(&listing_id, quantity)], total);
        stage.send(Some(person), ("POST", "/orders"), &[("idempotency-key", &key)], &body).await
    };
    let first = order(&buyer, 1, 13_000).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let head = stage.head().await;
    let again = order(&buyer, 1, 13_000).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
    assert_eq!(again.header("jangteo-position"), first.header("jangteo-position"));
    order(&buyer, 2, 23_000).await.fails(422, "idempotency_key_reused");
    assert_eq!(stage.head().await, head, "nothing was written again");
    // A key is its person's own.
    let other = order(&stage.a_buyer(), 1, 13_000).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.at("/checkout_id"), first.at("/checkout_id"));
}

async fn a_stale_if_match_changes_nothing(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let path = format!("/products/{listing_id}/price");
    let reprice = async |tag: &str, price| {
        let headers = [("if-match", tag)];
        stage.send(Some(&shop), ("PUT", &path), &headers, &json!({ "price": won(price) })).await
    };
    let seen = stage.get(&shop, &format!("/products/{listing_id}")).await;
    let tag = seen.header("etag").to_owned();
    let changed = reprice(&tag, 9_000).await;
    let fresh = changed.header("etag").to_owned();
    assert_eq!(changed.ok()["version"], 4);
    let head = stage.head().await;
    reprice(&tag, 8_000).await.fails(412, "precondition_failed");
    assert_eq!(stage.head().await, head);
    assert_eq!(reprice(&fresh, 8_000).await.status, 200);
}

async fn what_the_client_has_is_not_sent_again(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let path = format!("/products/{listing_id}");
    let seen = stage.get(&shop, &path).await;
    let tag = seen.header("etag").to_owned();
    let ask =
        async || stage.send(None, ("GET", &path), &[("if-none-match", &tag)], &Value::Null).await;
    let same = ask().await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.header("etag"), tag);
    let route = ("PUT", format!("{path}/price"));
    let body = json!({ "price": won(9_000) });
    let changed = stage.command(&shop, (route.0, &route.1), body).await;
    let _ = stage.get(&shop, &path).await.ok();
    let other = ask().await;
    assert_eq!(other.status, 200);
    assert_eq!(other.ok()["version"], changed.ok()["version"]);
}

async fn a_reader_sees_what_it_wrote_or_is_told_to_wait(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let path = format!("/products/{listing_id}");
    let price = format!("{path}/price");
    // Often enough that a view which is not waited for would be caught behind.
    for amount in 9_000..9_020 {
        let changed = stage.command(&shop, ("PUT", &price), json!({ "price": won(amount) })).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(stage.get(&shop, &path).await.ok()["price"], won(amount));
    }
    let head = stage.head().await.0;
    let ask = async |place: &str| {
        let headers = [("jangteo-min-position", place)];
        stage.send(None, ("GET", &path), &headers, &Value::Null).await
    };
    ask(&format!("1.{}", head + 1)).await.fails(412, "view_behind");
    ask(&format!("2.{head}")).await.fails(412, "epoch_changed");
    ask("yesterday").await.fails(400, "invalid_header");
}

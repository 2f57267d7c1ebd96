//! How things were: as it was known then, and as it was by what is known now.

use serde_json::json;
use tests::market::{BICYCLE, won};
use tests::stage::Stage;

super::on_every_stack! {
    a_listing_is_shown_as_it_was_before_its_price_changed,
    a_late_scan_counts_from_when_it_happened,
    a_balance_is_shown_as_it_was,
}

async fn a_listing_is_shown_as_it_was_before_its_price_changed(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let path = format!("/products/{listing_id}");
    let before = stage.head().await;
    let body = json!({ "price": won(7_000) });
    let _ = stage.command(&shop, ("PUT", &format!("{path}/price")), body).await.ok();
    let events = stage.events().await;
    let then = events[events.len() - 2].recorded_at;
    let changed = events[events.len() - 1].recorded_at;
    let price = async |query: String| {
        stage.get(&shop, &format!("{path}{query}")).await.ok()["price"].clone()
    };
    assert_eq!(price(String::new()).await, won(7_000));
    assert_eq!(price(format!("?as_of={then}")).await, won(10_000));
    assert_eq!(price(format!("?as_of={changed}")).await, won(7_000));
    assert_eq!(price(format!("?as_of_position={before}")).await, won(10_000));
    assert_eq!(price(format!("?as_of_position={}", before.0 + 1)).await, won(7_000));
    let history = stage.get(&shop, &format!("{path}/history?change=listing.price_changed")).await;
    assert_eq!(history.ok()["items"][0]["old_price"], won(10_000));
    let early = stage.get(&shop, &format!("{path}?as_of_position=1")).await;
    early.fails(404, "not_found");
}

async fn a_late_scan_counts_from_when_it_happened(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
    stage.capture(&placed).await;
    let shipment_id = stage.ship(&shop, &placed).await;
    // It was delivered here; other things happened before we were told.
    let delivered_at = stage.world.now();
    let other = stage.an_order(&buyer, &listing_id, 10_000).await;
    let known_before = stage.head().await;
    let delivered = delivered_at.to_string();
    let _ = stage.scan(&shipment_id, "delivered", Some(&delivered)).await.ok();
    let status = async |query: String| stage.get(&buyer, &placed.path(&query)).await.at("/status");
    assert_eq!(status(format!("?valid_at={delivered}")).await, "delivered");
    assert_eq!(status(format!("?as_of_position={known_before}")).await, "shipped");
    let both = format!("?valid_at={delivered}&as_of_position={known_before}");
    assert_eq!(status(both).await, "shipped");
    let order = stage.get(&buyer, &placed.path("")).await;
    assert_eq!(order.at("/delivered_at"), delivered);
    let unborn = stage.get(&buyer, &other.path(&format!("?valid_at={delivered}"))).await;
    unborn.fails(404, "not_found");
}

async fn a_balance_is_shown_as_it_was(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let path = format!("/sellers/{}/balance", shop.seller_id());
    let mut places = vec![];
    for _ in 0..2 {
        let placed = stage.an_order(&buyer, &listing_id, 10_000).await;
        stage.complete((&shop, &buyer), &placed).await;
        places.push(stage.head().await);
    }
    let releases = async |query: String| {
        stage.get(&shop, &format!("{path}{query}")).await.ok()["balances"][0]["releases"].clone()
    };
    assert_eq!(releases(String::new()).await, 2);
    assert_eq!(releases(format!("?as_of_position={}", places[0])).await, 1);
    assert_eq!(releases(format!("?as_of_position={}", places[1])).await, 2);
}

//! Find what is sold around the corner.

use std::slice;

use serde_json::{Value, json};
use tests::market::{BICYCLE, Offer, won};
use tests::stage::Stage;
use tests::wait::eventually;

super::on_every_stack! {
    what_is_sold_around_the_corner_is_found_and_no_door_is_kept,
}

fn place(latitude: i64, longitude: i64) -> Value {
    json!({ "latitude_microdegrees": latitude, "longitude_microdegrees": longitude })
}

fn details(title: &str, meeting_point: &Value) -> Value {
    json!({ "title": title, "condition": "good", "region": ["서울특별시", "마포구"],
            "meeting_point": meeting_point, "shipping": won(3_000) })
}

async fn what_is_sold_around_the_corner_is_found_and_no_door_is_kept(stage: Stage) {
    let shop = stage.a_seller().await;
    let listed = async |title| stage.a_listing(&shop, Offer { title, ..BICYCLE }).await;
    let (here, far, by_post) =
        (listed("망원 자전거").await, listed("부산 자전거").await, listed("택배").await);
    let body = json!({ "price": won(10_000), "details": details("초안", &place(37_556_123, 126_901_234)) });
    let draft = stage.post(&shop, "/products", body).await.at("/id");
    let moved = async |listing_id: &str, title, point| {
        let path = format!("/products/{listing_id}");
        stage.command(&shop, ("PUT", &path), details(title, &point)).await.ok()
    };
    let version =
        moved(&here, "망원 자전거", place(37_556_123, 126_901_234)).await["version"].clone();
    moved(&far, "부산 자전거", place(35_180_001, 129_079_999)).await;

    let page = stage.get(&shop, &format!("/products/{here}")).await.ok();
    assert_eq!(page["details"]["meeting_point"], place(37_560_000, 126_900_000));
    let found = async |query: &str| {
        let page = stage.get(&shop, &format!("/products?{query}")).await.ok();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["listing_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    eventually("the nearest comes first", async || {
        let nearest = found("near=37.5547,126.9105&sort=distance").await;
        (nearest == [here.clone(), far.clone()]).then_some(())
    })
    .await;
    assert_eq!(found("near=35.1796,129.0756&sort=distance").await, [far.clone(), here.clone()]);
    assert_eq!(found("near=37.5547,126.9105&within_km=5").await, slice::from_ref(&here));
    assert_eq!(found("sort=newest").await, [by_post, far.clone(), here.clone()]);
    let first = stage.get(&shop, "/products?near=37.55,126.91&sort=distance&limit=1").await.ok();
    let path = |near: &str| {
        let cursor = first["next_cursor"].as_str().unwrap();
        format!("/products?near={near}&sort=distance&limit=1&cursor={cursor}")
    };
    let second = stage.get(&shop, &path("37.5549,126.9101")).await.ok();
    assert_eq!(second["items"][0]["listing_id"], far.as_str(), "from within the same square");
    stage.get(&shop, &path("37.57,126.91")).await.fails(400, "cursor_invalid");

    let again = moved(&here, "망원 자전거", place(37_559_999, 126_899_999)).await;
    assert_eq!(again["version"], version, "across the street is the same place");
    let path = format!("/products/{draft}");
    let nowhere = details("초안", &place(90_000_001, 0));
    stage.command(&shop, ("PUT", &path), nowhere).await.fails(400, "invalid_value");
    let events = stage.events().await;
    let told = events.iter().filter_map(|event| str::from_utf8(&event.event).ok());
    let places = told.filter(|text| text.contains("meeting_point"));
    let coarse = |text: &str| text.contains("0000,\"longitude_microdegrees\"");
    let places: Vec<&str> = places.collect();
    assert_eq!(places.len(), 3, "{places:?}");
    assert!(places.iter().all(|text| coarse(text)), "{places:?}");
}

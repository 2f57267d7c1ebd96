//! Like what somebody else sells (찜).

use std::slice;

use serde_json::{Value, json};
use tests::http::Reply;
use tests::market::{BICYCLE, Offer};
use tests::person::Person;
use tests::stage::Stage;
use tests::wait::eventually;

super::on_every_stack! {
    likes_are_counted_listed_and_taken_back,
    what_is_hidden_or_ones_own_is_not_liked,
    the_liked_of_two_equals_is_found_first,
}

async fn like(stage: &Stage, person: &Person, listing_id: &str) -> Reply {
    let path = format!("/products/{listing_id}/like");
    stage.command(person, ("PUT", &path), Value::Null).await
}

async fn take_back(stage: &Stage, person: &Person, listing_id: &str) {
    let path = format!("/products/{listing_id}/like");
    let _ = stage.command(person, ("DELETE", &path), Value::Null).await.ok();
}

async fn likes(stage: &Stage, listing_id: &str) -> u64 {
    let page = stage.get(stage.admin(), &format!("/products/{listing_id}")).await.ok();
    page["likes"].as_u64().unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["listing_id"].as_str().unwrap().to_owned()).collect()
}

async fn likes_are_counted_listed_and_taken_back(stage: Stage) {
    let shop = stage.a_seller().await;
    let bicycle = stage.a_listing(&shop, BICYCLE).await;
    let helmet = stage.a_listing(&shop, Offer { title: "헬멧", ..BICYCLE }).await;
    let (buyer, other) = (stage.a_buyer(), stage.a_buyer());
    assert_eq!(likes(&stage, &bicycle).await, 0);
    for _again in 0..2 {
        let _ = like(&stage, &buyer, &bicycle).await.ok();
        assert_eq!(likes(&stage, &bicycle).await, 1);
    }
    let _ = like(&stage, &other, &bicycle).await.ok();
    let _ = like(&stage, &buyer, &helmet).await.ok();
    assert_eq!(likes(&stage, &bicycle).await, 2);
    let own = stage.get(&buyer, "/likes").await.ok();
    assert_eq!(ids(&own), [helmet.clone(), bicycle.clone()]);
    assert_eq!(own["items"][1]["product"]["likes"], 2);
    for _again in 0..2 {
        take_back(&stage, &buyer, &bicycle).await;
        assert_eq!(likes(&stage, &bicycle).await, 1);
    }
    assert_eq!(ids(&stage.get(&buyer, "/likes").await.ok()), [helmet]);
    assert_eq!(ids(&stage.get(&other, "/likes").await.ok()), [bicycle]);
}

async fn what_is_hidden_or_ones_own_is_not_liked(stage: Stage) {
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    like(&stage, &shop, &listing_id).await.fails(422, "own_listing");
    let (buyer, other) = (stage.a_buyer(), stage.a_buyer());
    let _ = like(&stage, &buyer, &listing_id).await.ok();
    let suspend = format!("/products/{listing_id}/suspend");
    let _ = stage.post(stage.admin(), &suspend, json!({ "reason": "신고 접수" })).await.ok();
    like(&stage, &other, &listing_id).await.fails(409, "listing_not_on_sale");
    let own = stage.get(&buyer, "/likes").await.ok();
    assert_eq!(ids(&own), slice::from_ref(&listing_id));
    assert!(own["items"][0].get("product").is_none(), "it is hidden: {own}");
    take_back(&stage, &buyer, &listing_id).await;
    assert_eq!(likes(&stage, &listing_id).await, 0);
    assert!(ids(&stage.get(&buyer, "/likes").await.ok()).is_empty());
}

async fn the_liked_of_two_equals_is_found_first(stage: Stage) {
    let shop = stage.a_seller().await;
    let (one, two) = (stage.a_listing(&shop, BICYCLE).await, stage.a_listing(&shop, BICYCLE).await);
    let (buyer, other) = (stage.a_buyer(), stage.a_buyer());
    for (liked, persons) in [(&one, &[&buyer][..]), (&two, &[&buyer, &other])] {
        for person in persons {
            let _ = like(&stage, person, liked).await.ok();
        }
        eventually("the liked comes first", async || {
            // 자전거
            let path = "/products?q=%EC%9E%90%EC%A0%84%EA%B1%B0";
            let found = ids(&stage.get(&buyer, path).await.ok());
            (found.len() == 2 && found[0] == *liked).then_some(())
        })
        .await;
    }
}

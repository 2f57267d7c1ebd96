//! Documents as they were.

use edge::token::Caller;
use events_schema::Event;
use events_schema::envelope::{Position, Recorded, Role};
use projector::view::{View, fold};
use projector::views::listing_page::ListingPage;
use projector::views::order::OrderView;
use serde_json::Value;
use storage::event_log::Filter;

use crate::support::market::{
    buyer, created_category, listing_id, on_sale, registered, restocked, resumed, shop, staff,
    stranger, suspended, withdrawn,
};
use crate::support::trade::traded;
use crate::support::{NOON, Stage};

async fn decoded(stage: &Stage) -> Vec<Recorded<Event>> {
    let events = stage.log.read(Position(0), &Filter::default(), 4_096).await.unwrap().events;
    events.into_iter().map(|event| event.decode().unwrap()).collect()
}

fn folded<V: View>(key: &V::Key, events: &[Recorded<Event>]) -> Option<V::Document> {
    fold::<V>(key, events).unwrap().document
}

#[tokio::test]
async fn as_of_a_position_equals_the_fold_of_the_prefix() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let events = decoded(&stage).await;
    for prefix in 0..=events.len() {
        let past = |path: String| format!("{path}?as_of_position={prefix}");
        let reply = stage.get(Some(&buyer()), &past(format!("/orders/{}", trade.order_id))).await;
        match folded::<OrderView>(&trade.order_id, &events[..prefix]) {
            None => assert_eq!(reply.status, 404),
            Some(order) => {
                let told = reply.ok();
                assert_eq!(told["status"], order.status.as_str());
                assert_eq!(told["version"], order.version.0);
                assert_eq!(
                    told["escrow"]["held"]["amount_minor"],
                    order.escrow.held.amount_minor()
                );
                assert_eq!(told["updated_at"], order.updated_at.to_string());
                assert_eq!(reply.header("jangteo-position"), format!("1.{prefix}"));
            }
        }
        let path = past(format!("/products/{}", listing_id(1)));
        let reply = stage.get(Some(&staff(Role::Admin)), &path).await;
        match folded::<ListingPage>(&listing_id(1), &events[..prefix]) {
            None => assert_eq!(reply.status, 404),
            Some(listing) => {
                let told = reply.ok();
                assert_eq!(told["status"], listing.status.as_str());
                assert_eq!(told["price"]["amount_minor"], listing.price.amount_minor());
                let sold: u64 = listing.stock.options.iter().map(|option| option.sold).sum();
                let stock = told["stock"].as_array().unwrap();
                let told_sold: u64 = stock.iter().map(|one| one["sold"].as_u64().unwrap()).sum();
                assert_eq!(told_sold, sold);
            }
        }
    }
}

#[tokio::test]
async fn the_present_equals_the_past_of_the_head() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let head = stage.head().await;
    for (caller, path) in [
        (buyer(), format!("/orders/{}", trade.order_id)),
        (shop(1), format!("/products/{}", listing_id(1))),
        (shop(1), format!("/sellers/{}/balance", trade.seller_id)),
    ] {
        let now = stage.get(Some(&caller), &path).await;
        let past = stage.get(Some(&caller), &format!("{path}?as_of_position={head}")).await;
        assert_eq!(now.ok(), past.ok(), "{path}");
        assert_eq!(now.header("etag"), past.header("etag"), "{path}");
    }
}

#[tokio::test]
async fn as_of_a_time_is_what_was_recorded_until_then() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    for recorded in decoded(&stage).await {
        let path = format!("/orders/{}?as_of=", trade.order_id);
        let reply = stage.get(Some(&buyer()), &format!("{path}{}", recorded.recorded_at)).await;
        let position = stage.log.position_at(recorded.recorded_at).await.unwrap();
        let by_position = format!("/orders/{}?as_of_position={position}", trade.order_id);
        let same = stage.get(Some(&buyer()), &by_position).await;
        assert_eq!(reply.status, same.status);
        if same.status == 200 {
            assert_eq!(reply.ok(), same.ok());
        }
    }
}

#[tokio::test]
async fn valid_at_is_what_had_happened_however_late_it_was_learnt() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let pieces = |told: &Value| told["stock"][0]["available"].as_u64().unwrap();
    let path = format!("/products/{}", listing_id(1));
    let learnt_before = stage.head().await;
    let then = stage.world.now();
    stage.world.advance_to(then.plus_seconds(3_600));
    stage.record_at(then, vec![restocked(1, 5)]).await;
    stage.settle().await;
    let valid = stage.get(None, &format!("{path}?valid_at={then}")).await.ok();
    let known = stage.get(None, &format!("{path}?as_of={then}")).await.ok();
    assert_eq!(pieces(&valid), pieces(&known) + 5);
    let both = format!("{path}?valid_at={then}&as_of_position={learnt_before}");
    assert_eq!(stage.get(None, &both).await.ok(), known);
}

#[tokio::test]
async fn a_time_before_which_only_half_had_happened_says_so() {
    let stage = Stage::open().await;
    traded(&stage).await;
    // Stock that is said to be older than the listing itself.
    stage.record_at(NOON.plus_seconds(-60), vec![restocked(1, 5)]).await;
    stage.settle().await;
    let at = NOON.plus_seconds(-1);
    let path = format!("/products/{}?valid_at={at}", listing_id(1));
    let reply = stage.get(None, &path).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "past_unclear"));
    // Of a listing that was taken down not even this is told.
    stage.record(vec![suspended(1)]).await;
    stage.settle().await;
    assert_eq!(stage.get(None, &path).await.status, 404);
    assert_eq!(stage.get(Some(&shop(1)), &path).await.status, 422);
}

#[tokio::test]
async fn there_is_no_past_in_the_future() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let later = stage.world.now().plus_seconds(1);
    let beyond = stage.head().await.0 + 1;
    for query in [
        format!("as_of={later}"),
        format!("valid_at={later}"),
        format!("as_of_position={beyond}"),
        format!("as_of={NOON}&as_of_position=1"),
        "as_of=yesterday".to_owned(),
        "as_of_position=-1".to_owned(),
        "valid_at=2024".to_owned(),
    ] {
        let path = format!("/orders/{}?{query}", trade.order_id);
        let reply = stage.get(Some(&buyer()), &path).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_query"), "{query}");
    }
}

#[tokio::test]
async fn what_was_taken_down_since_is_no_longer_read_through_the_past() {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    on_sale(&stage, 1, "빨간 자전거", 10_000).await;
    let (head, then) = (stage.head().await, stage.world.now());
    let path = format!("/products/{}", listing_id(1));
    let pasts = [
        format!("{path}?as_of_position={head}"),
        format!("{path}?as_of={then}"),
        format!("{path}?valid_at={then}"),
    ];
    let outsiders = [None, Some(buyer()), Some(shop(2)), Some(staff(Role::Analyst))];
    let manager = Caller { roles: vec![Role::Manager], ..shop(1) };
    let insiders = [shop(1), manager, staff(Role::Auditor), staff(Role::Admin)];
    for (taken_down, is_shown) in [(suspended(1), false), (resumed(1), true), (withdrawn(1), false)]
    {
        stage.record(vec![taken_down]).await;
        stage.settle().await;
        for past in &pasts {
            for outsider in &outsiders {
                let reply = stage.get(outsider.as_ref(), past).await;
                assert_eq!(reply.status, if is_shown { 200 } else { 404 }, "{past} {outsider:?}");
                assert_eq!(stage.get(outsider.as_ref(), &path).await.status, reply.status);
            }
            for insider in &insiders {
                assert_eq!(stage.get(Some(insider), past).await.ok()["status"], "on_sale");
            }
        }
    }
}

#[tokio::test]
async fn a_cached_past_does_not_outlive_its_listing() {
    let stage = Stage::open().await;
    traded(&stage).await;
    let path = format!("/products/{}?as_of_position={}", listing_id(1), stage.head().await);
    let shown = stage.get(None, &path).await;
    let tag = shown.header("etag").to_owned();
    let seen = [("if-none-match", tag.as_str())];
    assert_eq!(stage.ask(None, &path, &seen).await.status, 304);
    let position = stage.record(vec![suspended(1)]).await;
    // Whoever knows of the suspension waits for it, here as everywhere.
    let least = format!("1.{position}");
    let seen = [seen[0], ("jangteo-min-position", least.as_str())];
    assert_eq!(stage.ask(None, &path, &seen).await.status, 404);
}

#[tokio::test]
async fn the_past_belongs_to_the_same_people() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let head = stage.head().await;
    let order = format!("/orders/{}?as_of_position={head}", trade.order_id);
    assert_eq!(stage.get(Some(&stranger()), &order).await.status, 404);
    // The draft was nobody else's business.
    let draft = format!("/products/{}?as_of_position=3", listing_id(1));
    assert_eq!(stage.get(None, &draft).await.status, 404);
    assert_eq!(stage.get(Some(&shop(1)), &draft).await.status, 200);
}

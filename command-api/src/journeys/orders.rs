//! From the purchase to the parcel.

use async_trait::async_trait;
use domain::order::{Fact, Instants, Observation, Order};
use events_schema::envelope::{Actor, Origin, Role};
use events_schema::ids::{CheckoutId, CommandId, OrderId, SellerId};
use events_schema::trade::Trade;
use futures::future::join_all;
use serde_json::{Value, json};
use storage::event_log::{Intent, Principal};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::execute::{Body, Context, Executor, Handle, Submission, UnitOfWork};
use crate::problem::CommandError;
use crate::testing::NOON;
use crate::testing::market::{Market, buyer, other_buyer, person, purchase, won};

#[tokio::test]
async fn one_purchase_is_split_by_seller_in_one_append() {
    let market = Market::open().await;
    let (one, two) = (market.shop(10).await, market.shop(11).await);
    let bicycle = market.on_sale(&one, 5_000, 10).await;
    let helmet = market.on_sale(&two, 2_000, 10).await;
    let lock = market.on_sale(&one, 1_000, 10).await;
    let line = |id: &str, quantity: u32| json!({ "listing_id": id, "quantity": quantity });
    let body = json!({
        "lines": [line(&bicycle, 1), line(&helmet, 2), line(&lock, 3)],
        "tenders": [
            { "method": { "kind": "points" }, "amount": won(8_000) },
            { "method": { "kind": "card", "instalments": 3 }, "amount": won(10_000) },
        ],
    });
    let units = market.log.units().len();
    let placed = market.post(&buyer(), "/orders", body).await.succeeds();
    assert_eq!(placed.status.as_u16(), 201);
    let totals: Vec<_> = placed.body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["total"]["amount_minor"].as_u64().unwrap())
        .collect();
    assert_eq!(totals, [11_000, 7_000]);
    assert_eq!(market.log.units().len(), units + 1);
    let mut written = market.last_written().await;
    written.sort();
    assert_eq!(
        written,
        [
            "checkout.opened",
            "escrow.opened",
            "escrow.opened",
            "inventory.reserved",
            "inventory.reserved",
            "inventory.reserved",
            "order.placed",
            "order.placed",
        ]
    );
    let events = market.log.events().await;
    let checkout_id: CheckoutId = placed.text("checkout_id").parse().unwrap();
    let last = &events[events.len() - written.len()..];
    assert!(last.iter().all(|e| e.meta.correlation_id.as_uuid() == checkout_id.as_uuid()));
    let stored = last.iter().flat_map(|event| event.event.clone()).collect();
    assert!(!String::from_utf8(stored).unwrap().contains("04001"));
}

#[tokio::test]
async fn what_cannot_be_bought_is_refused_and_nothing_is_held() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 2).await;
    let before = market.log.types().await.len();
    let place = async |body| market.post(&buyer(), "/orders", body).await;
    place(purchase(&listing, 3, 18_000)).await.fails(409, "out_of_stock");
    place(purchase(&listing, 1, 7_999)).await.fails(422, "tenders_differ");
    place(purchase("lst_01h455vb4pex5vsknk084sn02q", 1, 1)).await.fails(404, "listing_not_found");
    place(json!({ "lines": [], "tenders": [] })).await.fails(422, "order_without_lines");
    let mut twice = purchase(&listing, 1, 13_000);
    twice["lines"] = json!([twice["lines"][0], twice["lines"][0]]);
    place(twice).await.fails(422, "order_line_duplicate");
    place(purchase(&listing, 0, 3_000)).await.fails(400, "invalid_value");
    market.post(&shop, "/orders", purchase(&listing, 1, 8_000)).await.fails(403, "forbidden");
    assert_eq!(market.log.types().await.len(), before);
}

#[tokio::test]
async fn however_many_press_at_once_no_piece_is_sold_twice() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 7).await;
    let units = market.log.units().len();
    let buyers: Vec<_> = (1_000..1_100).map(|n| person(n, &[Role::Buyer])).collect();
    let body = purchase(&listing, 1, 8_000);
    let press = |buyer| market.post(buyer, "/orders", body.clone());
    let replies = join_all(buyers.iter().map(press)).await;
    assert_eq!(replies.iter().filter(|reply| reply.status.is_success()).count(), 7);
    for reply in replies.iter().filter(|reply| !reply.status.is_success()) {
        reply.fails(409, "out_of_stock");
    }
    let placed = market.log.types().await;
    for once in ["checkout.opened", "order.placed", "escrow.opened", "inventory.reserved"] {
        assert_eq!(placed.iter().filter(|event| *event == once).count(), 7, "{once}");
    }
    assert!(market.log.units().len() - units < 7, "the lane writes several together");
}

#[tokio::test]
async fn nobody_pays_a_price_he_has_not_seen() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 10).await;
    let place = async |version: u64, total| {
        let mut body = purchase(&listing, 1, total);
        body["lines"][0]["listing_version"] = json!(version);
        market.post(&buyer(), "/orders", body).await
    };
    place(3, 8_000).await.succeeds();
    // The price is the same at every version so far.
    place(1, 8_000).await.succeeds();
    place(9, 8_000).await.fails(409, "listing_changed");
    let path = format!("/products/{listing}/price");
    market.call(&shop, ("PUT", &path), json!({ "price": won(6_000) })).await.succeeds();
    place(3, 9_000).await.fails(409, "listing_changed");
    place(4, 9_000).await.succeeds();
}

#[tokio::test]
async fn an_order_goes_all_the_way() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    market.post(&shop, &order.path("prepare"), Value::Null).await.fails(409, "order_not_paid");
    market.capture(&order).await.succeeds();
    market.post(&shop, &order.path("prepare"), Value::Null).await.succeeds();
    let parcel = json!({ "carrier": "CJ대한통운", "tracking_number": "123" });
    let shipped = market.post(&shop, &order.path("ship"), parcel.clone()).await.succeeds();
    assert_eq!(market.last_written().await, ["order.shipped", "shipment.registered"]);
    market.post(&shop, &order.path("ship"), parcel).await.fails(409, "order_already_shipped");
    market
        .post(&buyer(), &order.path("confirm"), Value::Null)
        .await
        .fails(409, "order_not_delivered");
    let scans = format!("/shipments/{}/observations", shipped.text("shipment_id"));
    let scan = |n: u32, status: &str| {
        json!({
            "observation_id": format!("obs_{n:026}"), "scan": { "status": status },
            "occurred_at": "2023-11-14T10:00:00+09:00",
        })
    };
    let staff = crate::testing::market::admin();
    market.post(&staff, &scans, scan(1, "picked_up")).await.succeeds();
    market.post(&staff, &scans, scan(2, "delivered")).await.succeeds();
    assert_eq!(market.last_written().await, ["shipment.delivered", "order.delivered"]);
    assert_eq!(
        market.log.events().await.pop().unwrap().meta.occurred_at.to_string(),
        "2023-11-14T01:00:00.000000Z"
    );
    // The carrier says it twice.
    let events = market.log.types().await.len();
    market.post(&staff, &scans, scan(2, "delivered")).await.succeeds();
    assert_eq!(market.log.types().await.len(), events);
    market.post(&buyer(), &order.path("confirm"), Value::Null).await.succeeds();
    assert_eq!(market.last_written().await, ["order.confirmed", "escrow.released"]);
}

#[tokio::test]
async fn the_status_path_takes_the_same_commands() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    market.capture(&order).await.succeeds();
    let (path, buyer) = (order.path("status"), buyer());
    let put = async |caller, body| market.call(caller, ("PUT", &path), body).await;
    put(&shop, json!({ "status": "preparing" })).await.succeeds();
    put(&shop, json!({ "status": "shipped", "carrier": "한진" })).await.succeeds();
    put(&buyer, json!({ "status": "confirmed" })).await.fails(409, "order_not_delivered");
    put(&buyer, json!({ "status": "cancelled", "reason": "buyer_changed_mind" }))
        .await
        .fails(409, "order_already_shipped");
    put(&buyer, json!({ "status": "delivered" })).await.fails(422, "only_seller");
    put(&shop, json!({ "status": "delivered" })).await.succeeds();
    put(&buyer, json!({ "status": "confirmed" })).await.succeeds();
    put(&buyer, json!({ "status": "lost" })).await.fails(400, "invalid_value");
}

#[tokio::test]
async fn the_order_of_somebody_else_does_not_exist() {
    let market = Market::open().await;
    let (shop, other_shop) = (market.shop(10).await, market.shop(11).await);
    let order = market.order(&shop).await;
    let cancel = json!({ "reason": "buyer_changed_mind" });
    for stranger in [&other_buyer(), &other_shop] {
        let reply = market.post(stranger, &order.path("cancel"), cancel.clone()).await;
        reply.fails(404, "order_not_found");
        market
            .post(stranger, &order.path("confirm"), Value::Null)
            .await
            .fails(404, "order_not_found");
    }
    let parcel = json!({ "carrier": "한진" });
    market.post(&other_shop, &order.path("ship"), parcel).await.fails(404, "order_not_found");
    market
        .post(&other_shop, &order.path("prepare"), Value::Null)
        .await
        .fails(404, "order_not_found");
    market.post(&shop, &order.path("confirm"), Value::Null).await.fails(422, "only_buyer");
}

/// Another system says that it was delivered, and nothing else.
#[derive(Debug)]
struct Delivered(Trade);

#[async_trait]
impl Handle for Delivered {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let order = work.read::<Order>(self.0.order_id).await?;
        let (instants, fact) = (Instants::default(), Fact::Delivered);
        Body::of(&work.observe(&order, Observation { trade: self.0, instants, fact }))
    }
}

#[tokio::test]
async fn an_order_that_was_never_placed_here_has_nothing_to_confirm() {
    let market = Market::open().await;
    let trade = Trade {
        checkout_id: CheckoutId::new(Uuid::from_u128(1)),
        order_id: OrderId::new(Uuid::from_u128(2)),
        seller_id: SellerId::new(Uuid::from_u128(3)),
        buyer_id: buyer().person_id,
    };
    let executor = Executor::new(market.log.clone(), market.world.clone(), TaskTracker::new());
    let (actor, command_id) = (Actor::Process("import".into()), CommandId::new(Uuid::nil()));
    let context = Context::new(actor, Origin::Import, command_id, NOON);
    let principal = Principal::Process("import".to_owned());
    let intent = Intent { principal, key: "1".to_owned(), fingerprint: [0; 32] };
    let command = Box::new(Delivered(trade));
    executor.execute(Submission { intent, context, command }).await.unwrap();
    let before = market.log.types().await.len();
    let confirm = format!("/orders/{}/confirm", trade.order_id);
    market.post(&buyer(), &confirm, Value::Null).await.fails(409, "order_never_placed");
    assert_eq!(market.log.types().await.len(), before);
}

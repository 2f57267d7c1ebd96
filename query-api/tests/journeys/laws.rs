//! Whatever happens: the past is what the present was.

use std::collections::BTreeMap;

use events_schema::ids::OrderId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{
    buyer, created_category, listing_id, on_sale, registered, repriced, restocked, shop,
};
use crate::support::trade::{confirmed, paid, placed, scanned, shipped, trade};

#[derive(Clone, Copy, Debug)]
enum Step {
    Reprice(u64),
    Restock(u32),
    /// The next step of one of three orders.
    Order(u128),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1_u64..1_000_000).prop_map(Step::Reprice),
        (1_u32..9).prop_map(Step::Restock),
        (1_u128..4).prop_map(Step::Order),
        (1_u128..4).prop_map(Step::Order),
    ];
    prop::collection::vec(step, 1..16)
}

async fn take(stage: &Stage, step: Step, orders: &mut BTreeMap<u128, usize>) {
    let events = match step {
        Step::Reprice(price) => vec![repriced(1, 1, price)],
        Step::Restock(pieces) => vec![restocked(1, pieces)],
        Step::Order(number) => {
            let done = orders.entry(number).or_default();
            *done += 1;
            let trade = trade(number);
            match *done {
                1 => placed(trade, None),
                2 => paid(trade),
                3 => shipped(trade),
                4 => vec![scanned(trade)],
                5 => confirmed(trade),
                _more => return,
            }
        }
    };
    stage.record(events).await;
}

fn paths() -> Vec<(edge::token::Caller, String)> {
    let orders = (1..4).map(|number| trade(number).order_id);
    let orders = orders.map(|order_id: OrderId| (buyer(), format!("/orders/{order_id}")));
    let shop_s = [
        format!("/products/{}", listing_id(1)),
        format!("/sellers/{}/balance", trade(1).seller_id),
    ];
    orders.chain(shop_s.map(|path| (shop(1), path))).collect()
}

type Shown = (u16, Option<String>, Option<Value>);

async fn shown(stage: &Stage, query: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    for (caller, path) in paths() {
        let reply = stage.get(Some(&caller), &format!("{path}{query}")).await;
        let tag = reply.headers.get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let body = (reply.status == 200).then(|| reply.json());
        all.push((reply.status, tag, body));
    }
    all
}

async fn the_past_is_what_the_present_was(steps: Vec<Step>) {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    on_sale(&stage, 1, "빨간 자전거", 1).await;
    let mut orders = BTreeMap::new();
    let mut seen = Vec::new();
    for step in steps {
        take(&stage, step, &mut orders).await;
        stage.settle().await;
        seen.push((stage.head().await, stage.world.now(), shown(&stage, "").await));
    }
    for (position, at, present) in seen {
        assert_eq!(shown(&stage, &format!("?as_of_position={position}")).await, present);
        assert_eq!(shown(&stage, &format!("?as_of={at}")).await, present);
        // Here everything was learnt when it happened.
        assert_eq!(shown(&stage, &format!("?valid_at={at}")).await, present);
    }
}

#[test]
fn as_of_and_valid_at_answer_what_was_answered_then() {
    let config = Config { cases: 6, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(the_past_is_what_the_present_was(steps));
        Ok(())
    });
    outcome.unwrap();
}

//! Whatever happens: the past is what the present was.

use std::collections::BTreeMap;

use edge::token::Caller;
use events_schema::ids::OrderId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::support::Stage;
use crate::support::market::{
    buyer, created_category, listing_id, on_sale, registered, repriced, restocked, resumed, shop,
    suspended,
};
use crate::support::trade::{confirmed, paid, placed, scanned, shipped, trade};

#[derive(Clone, Copy, Debug)]
enum Step {
    Reprice(u64),
    Restock(u32),
    /// Suspends the listing, or resumes it.
    Moderate,
    /// The next step of one of three orders.
    Order(u128),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1_u64..1_000_000).prop_map(Step::Reprice),
        (1_u32..9).prop_map(Step::Restock),
        Just(Step::Moderate),
        (1_u128..4).prop_map(Step::Order),
        (1_u128..4).prop_map(Step::Order),
    ];
    prop::collection::vec(step, 1..16)
}

/// What has been done so far.
#[derive(Default)]
struct Done {
    orders: BTreeMap<u128, usize>,
    is_suspended: bool,
}

async fn take(stage: &Stage, step: Step, done: &mut Done) {
    let events = match step {
        Step::Reprice(price) => vec![repriced(1, 1, price)],
        Step::Restock(pieces) => vec![restocked(1, pieces)],
        Step::Moderate => {
            done.is_suspended = !done.is_suspended;
            vec![if done.is_suspended { suspended(1) } else { resumed(1) }]
        }
        Step::Order(number) => {
            let steps = done.orders.entry(number).or_default();
            *steps += 1;
            let trade = trade(number);
            match *steps {
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

/// Read by whom nothing is hidden from.
fn paths() -> Vec<(Caller, String)> {
    let orders = (1..4).map(|number| trade(number).order_id);
    let orders = orders.map(|order_id: OrderId| (buyer(), format!("/orders/{order_id}")));
    let shop_s = [product(), format!("/sellers/{}/balance", trade(1).seller_id)];
    orders.chain(shop_s.map(|path| (shop(1), path))).collect()
}

fn product() -> String {
    format!("/products/{}", listing_id(1))
}

type Shown = (u16, Option<String>, Option<Value>);

async fn shown(stage: &Stage, query: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    for (caller, path) in paths() {
        all.push(shown_to(stage, Some(&caller), &format!("{path}{query}")).await);
    }
    all
}

async fn shown_to(stage: &Stage, caller: Option<&Caller>, path: &str) -> Shown {
    let reply = stage.get(caller, path).await;
    let tag = reply.headers.get("etag").map(|tag| tag.to_str().unwrap().to_owned());
    let body = (reply.status == 200).then(|| reply.json());
    (reply.status, tag, body)
}

async fn the_past_is_what_the_present_was(steps: Vec<Step>) {
    let stage = Stage::open().await;
    stage.record(vec![registered(1)]).await;
    stage.record(vec![created_category()]).await;
    on_sale(&stage, 1, "빨간 자전거", 1).await;
    let mut done = Done::default();
    let mut seen = Vec::new();
    for step in steps {
        take(&stage, step, &mut done).await;
        stage.settle().await;
        let public = shown_to(&stage, None, &product()).await;
        seen.push((stage.head().await, stage.world.now(), shown(&stage, "").await, public));
    }
    for (position, at, present, public) in seen {
        // The public is shown the same, unless the listing is hidden from it now.
        let public = if done.is_suspended { (404, None, None) } else { public };
        // Here everything was learnt when it happened.
        let pasts =
            [format!("as_of_position={position}"), format!("as_of={at}"), format!("valid_at={at}")];
        for past in pasts {
            assert_eq!(shown(&stage, &format!("?{past}")).await, present);
            assert_eq!(shown_to(&stage, None, &format!("{}?{past}", product())).await, public);
        }
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

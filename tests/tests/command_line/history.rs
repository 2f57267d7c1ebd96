//! History as files, and one trade's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use tests::program::{imported, run};

/// Only customers, and so only sealed data, have these.
const PERSONAL: [&str; 3] = ["Chegou antes", "timoteo", "69005"];

async fn export(data: &str, format: &str, more: &[&str]) -> (Value, String) {
    let to = Path::new(data).join(format!("export-{format}{}", more.len()));
    let to = to.to_str().unwrap().to_owned();
    let words = ["export", "--format", format, "--to", &to, "--data", data, "--json"];
    (run(&[&words[..], more].concat()).await.well(), to)
}

fn lines(folder: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(Path::new(folder).join("events.ndjson")).unwrap();
    for secret in PERSONAL {
        assert!(!text.contains(secret), "{secret} stands there in clear");
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn ndjson_holds_every_event_as_it_was_written() {
    let (_folder, data) = imported().await;
    let head = run(&["verify", "--data", &data, "--json"]).await.well()["events"].as_u64().unwrap();
    let (summary, to) = export(&data, "ndjson", &[]).await;
    assert_eq!(summary["events"], head);
    let all = lines(&to);
    let positions: Vec<_> = all.iter().map(|line| line["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=head).collect::<Vec<_>>());
    assert_eq!(all[0]["type"], "policy.recorded");
    assert_eq!(all[0]["occurred_at"], "2016-01-01T00:00:00.000000Z");
    assert!(all.iter().all(|line| line["origin"] == "import" && line["payload"].is_object()));
    let (summary, to) = export(&data, "ndjson", &["--from", "10", "--until", "19"]).await;
    assert_eq!(summary["events"], 10);
    assert_eq!(lines(&to), all[9..19]);
}

#[tokio::test]
async fn csv_holds_a_file_for_each_type() {
    let (_folder, data) = imported().await;
    let (_, ndjson) = export(&data, "ndjson", &[]).await;
    let (summary, to) = export(&data, "csv", &[]).await;
    let all = lines(&ndjson);
    let mut types: Vec<_> = all.iter().map(|line| line["type"].as_str().unwrap()).collect();
    types.sort_unstable();
    types.dedup();
    assert_eq!(summary["files"].as_array().unwrap().len(), types.len());
    for kind in types {
        let text = std::fs::read_to_string(Path::new(&to).join(format!("{kind}.csv"))).unwrap();
        let of_type = all.iter().filter(|line| line["type"] == kind).count();
        // No cell of these holds a line break: what people wrote is sealed.
        assert_eq!(text.lines().count(), of_type + 1, "{kind}");
        assert!(text.starts_with("position,epoch,stream,version,event_id,type,"), "{text}");
        for secret in PERSONAL {
            assert!(!text.contains(secret), "{secret} stands in {kind} in clear");
        }
    }
    let columns: BTreeSet<_> =
        all.iter().flat_map(|line| line.as_object().unwrap().keys().map(String::as_str)).collect();
    let funded = std::fs::read_to_string(Path::new(&to).join("escrow.funded.csv")).unwrap();
    let header: Vec<_> = funded.lines().next().unwrap().split(',').collect();
    for column in columns {
        assert!(column == "payload" || header.contains(&column), "{column} in {header:?}");
    }
    let column = header.iter().position(|name| *name == "amount.amount_minor").unwrap();
    let first = all.iter().find(|line| line["type"] == "escrow.funded").unwrap();
    let cell = funded.lines().nth(1).unwrap().split(',').nth(column).unwrap();
    assert_eq!(cell, first["payload"]["amount"]["amount_minor"].to_string());
}

#[tokio::test]
async fn a_timeline_tells_one_trade_and_no_other() {
    let (_folder, data) = imported().await;
    let (_, ndjson) = export(&data, "ndjson", &[]).await;
    let all = lines(&ndjson);
    let placed = |line: &&Value| {
        line["type"] == "order.placed" && line["payload"]["source"]["id"] == "plain"
    };
    let placed = all.iter().find(placed).unwrap();
    let trade = &placed["payload"]["trade"];
    let of_order = trade["order_id"].as_str().unwrap();
    let told = run(&["timeline", of_order, "--data", &data, "--json"]).await.well();
    let events = told["events"].as_array().unwrap();
    let positions: Vec<_> =
        events.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert!(positions.is_sorted_by(|one, next| one < next));
    let stream =
        format!("listing/{}", placed["payload"]["lines"][0]["listing_id"].as_str().unwrap());
    let expected: Vec<_> = all
        .iter()
        .filter(|line| {
            let is_sellers = line["stream"].as_str().unwrap().starts_with("seller/");
            line["correlation_id"] == placed["correlation_id"] && !is_sellers
                || line["stream"] == stream.as_str() && line["version"] == 1
        })
        .collect();
    assert_eq!(events.iter().collect::<Vec<_>>(), expected);
    let of_checkout = trade["checkout_id"].as_str().unwrap();
    let same = run(&["timeline", of_checkout, "--data", &data, "--json"]).await.well();
    assert_eq!(same, told);
    let text = run(&["timeline", of_order, "--data", &data]).await;
    assert_eq!((text.status, text.stdout.lines().count()), (0, events.len()));
    assert_eq!(told["events"][0]["epoch"], json!(1));
}

#[tokio::test]
async fn a_timeline_of_a_checkout_is_that_of_all_its_orders() {
    let (_folder, data) = imported().await;
    let (_, ndjson) = export(&data, "ndjson", &[]).await;
    let mut checkouts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines(&ndjson).iter().filter(|line| line["type"] == "order.placed") {
        let id = |name: &str| line["payload"]["trade"][name].as_str().unwrap().to_owned();
        checkouts.entry(id("checkout_id")).or_default().push(id("order_id"));
    }
    let (checkout, orders) = checkouts.into_iter().find(|(_, orders)| orders.len() > 1).unwrap();
    let streams = async |trade: &str| {
        let told = run(&["timeline", trade, "--data", &data, "--json"]).await.well();
        let streams = told["events"].as_array().unwrap().iter();
        let streams = streams.map(|event| event["stream"].as_str().unwrap().to_owned());
        streams.collect::<BTreeSet<_>>()
    };
    let mut of_orders = BTreeSet::new();
    for order in &orders {
        let told = streams(order).await;
        for other in orders.iter().filter(|other| *other != order) {
            assert!(told.iter().all(|stream| !stream.contains(other)), "{other} in {told:?}");
        }
        of_orders.extend(told);
    }
    assert_eq!(streams(&checkout).await, of_orders);
}

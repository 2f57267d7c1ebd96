//! Two projectors share views on servers: what is parked is copied to `<topic>.parked`, also when Kafka was
//! away, and un-parked while they run.

use std::collections::BTreeMap;
use std::time::Duration;

use projector::parked::{self, Document};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::{Message, Offset, TopicPartitionList};
use serde_json::{Value, json};
use storage::world::World;
use storage::{documents, event_log};
use tempfile::TempDir;
use tests::program::{Ended, Serving, run};
use tests::servers::Servers;
use tests::strays;
use tests::wait::patiently;

const ORDERS: u32 = 40;

struct Site {
    servers: Servers,
    folder: TempDir,
}

impl Site {
    fn words(&self) -> Vec<String> {
        let Self { servers, folder } = self;
        let documents = format!("{}/jangteo", servers.url("mongodb"));
        let (log, search) = (servers.url("postgres"), servers.url("elasticsearch"));
        let data = folder.path().to_str().unwrap().to_owned();
        ["--data", &data, "--log", &log, "--documents", &documents, "--search", &search]
            .map(str::to_owned)
            .to_vec()
    }

    async fn role(&self, role: &str) -> Serving {
        let (at, bus) = (self.words(), format!("{}?partitions=3", self.servers.url("kafka")));
        let mut words = vec!["serve", "--role", role, "--listen", "127.0.0.1:0", "--bus", &bus];
        words.extend(at.iter().map(String::as_str));
        Serving::start(&words).await
    }

    async fn parked(&self, words: &[&str]) -> Ended {
        let at = self.words();
        let words = ["parked"].iter().chain(words).copied();
        run(&words.chain(at.iter().map(String::as_str)).chain(["--json"]).collect::<Vec<_>>()).await
    }

    /// What is parked of orders.
    async fn orders(&self) -> Vec<Value> {
        let listed = self.parked(&["list"]).await.json();
        let parked = listed["parked"].as_array().unwrap().iter();
        parked.filter(|parked| parked["view"] == "order").cloned().collect()
    }

    async fn append(&self, orders: std::ops::RangeInclusive<u32>) {
        let url = self.servers.url("postgres");
        let log = event_log::open(&url, World::system()).await.unwrap();
        strays::append(&log, orders).await;
        log.close().await;
    }

    /// Orders are parked, and Kafka is killed: how many orders there are. Where all letters were faster, more
    /// orders follow.
    async fn kafka_is_gone_before_letters_are_out(&self) -> u32 {
        let url = format!("{}/jangteo", self.servers.url("mongodb"));
        let documents = documents::open_read_only(&url).await.unwrap();
        let mut placed = 0;
        loop {
            self.append(placed + 1..=placed + ORDERS).await;
            placed += ORDERS;
            patiently("orders are parked", async || {
                let orders = parked::list(&*documents, "order").await.unwrap();
                let is_whole = |order: &Document| order.positions.len() == strays::HAPPENS.len();
                let are_all = orders.len() == usize::try_from(placed).unwrap();
                (are_all && orders.iter().all(is_whole)).then_some(())
            })
            .await;
            self.servers.kill("kafka").await;
            if self.orders().await.iter().any(|order| order.get("letters").is_some()) {
                return placed;
            }
            self.servers.up(&["kafka"]).await;
        }
    }

    /// The letters of view `order`: of each document the types of its events, each the first time only.
    async fn letters(&self) -> BTreeMap<String, Vec<String>> {
        let url = self.servers.url("kafka");
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", url.trim_start_matches("kafka://").trim_end_matches('/'));
        let consumer: StreamConsumer = client.set("group.id", "test").create().unwrap();
        let mut all = TopicPartitionList::new();
        all.add_partition_offset("transaction.events.parked", 0, Offset::Beginning).unwrap();
        consumer.assign(&all).unwrap();
        let mut letters = BTreeMap::<String, Vec<String>>::new();
        while let Ok(next) = tokio::time::timeout(Duration::from_secs(3), consumer.recv()).await {
            let Ok(message) = next else { break };
            if text(&message, "view") == "order" {
                assert_eq!(text(&message, "error-code"), "poison");
                assert_eq!(text(&message, "error"), "order was never placed");
                assert!(text(&message, "position").starts_with("1."));
                assert!(!text(&message, "generation").is_empty());
                let types = letters.entry(text(&message, "document")).or_default();
                let event_type = text(&message, "type");
                if !types.contains(&event_type) {
                    types.push(event_type);
                }
            }
        }
        letters
    }
}

fn text(message: &BorrowedMessage<'_>, header: &str) -> String {
    let found = message.headers().unwrap().iter().find(|found| found.key == header);
    String::from_utf8(found.unwrap().value.unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_all_there_in_order_though_kafka_was_away_and_documents_are_unparked_meanwhile()
{
    let servers = Servers::start(&["postgres", "kafka", "mongodb", "elasticsearch"]).await;
    let site = Site { servers, folder: tempfile::tempdir().unwrap() };
    let (data, log) = (site.folder.path().to_str().unwrap(), site.servers.url("postgres"));
    let _ = run(&["migrate", "--json", "--data", data, "--log", &log]).await.well();
    let (relay, one, two) =
        (site.role("relay").await, site.role("projector").await, site.role("projector").await);
    let placed = site.kafka_is_gone_before_letters_are_out().await;
    let again =
        json!({ "unparked": false, "outcome": { "parked_again": "order was never placed" } });
    for number in [1, 2, placed] {
        let ended = site.parked(&["unpark", "order", &strays::order(number)]).await;
        assert_eq!((ended.status, ended.json()), (1, again.clone()), "{}", ended.stderr);
        assert!(ended.stderr.contains("another process"), "{}", ended.stderr);
    }
    site.servers.up(&["kafka"]).await;
    site.append(placed + 1..=placed + 5).await;
    let count = usize::try_from(placed).unwrap() + 5;
    patiently("every letter is out", async || {
        let orders = site.orders().await;
        let is_out = |order: &Value| order.get("letters").is_none();
        (orders.len() == count && orders.iter().all(is_out)).then_some(())
    })
    .await;
    let letters = site.letters().await;
    assert_eq!(letters.len(), count, "{letters:?}");
    for (document, types) in &letters {
        assert_eq!(types, &strays::HAPPENS, "{document}");
    }
    // Nobody works on the views any more.
    for role in [relay, one, two] {
        role.terminate().await;
        assert_eq!(role.ended().await.0, Some(0));
    }
    let ended = site.parked(&["unpark", "order", &strays::order(3)]).await;
    assert_eq!((ended.status, ended.json()), (1, again), "{}", ended.stderr);
    assert!(!ended.stderr.contains("another process"), "{}", ended.stderr);
}

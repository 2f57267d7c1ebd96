//! From N−1 to N under load, one process after another. In CI N−1 is today's program that has never
//! heard of `category.renamed`; `deploy/drill upgrade` names two programs instead.

use std::path::PathBuf;

use events_schema::envelope::Role;
use serde_json::{Value, json};
use tests::wait::eventually;
use tests::{http, program};
use tokio::time::Instant;

use super::gateway::Answer;
use super::history::check_says;
use super::load::Load;
use super::probe::{SEEN_WITHIN, Shop, send};
use super::site::{Process, ROLES, Site};

fn named(variable: &str, otherwise: impl FnOnce() -> PathBuf) -> PathBuf {
    std::env::var_os(variable).map_or_else(otherwise, PathBuf::from)
}

fn old() -> PathBuf {
    named("JANGTEO_TEST_OLD", program::older_binary)
}

fn new() -> PathBuf {
    named("JANGTEO_TEST_NEW", program::binary)
}

async fn command(site: &Site, route: (&str, &str), body: Value) -> http::Reply {
    let (admin, key) = (site.somebody(&[Role::Admin]), site.world.uuid().to_string());
    match send((&site.gateway, &admin), route, &key, &body).await {
        Answer::Reply(reply) => reply,
        Answer::Nobody | Answer::Broken(_) => panic!("no answer to {route:?}"),
    }
}

async fn a_category(site: &Site) -> String {
    let body = json!({ "name": "자전거" });
    command(site, ("POST", "/products/categories"), body).await.at("/id")
}

/// Makes the event that N−1 does not know.
async fn rename(site: &Site, category: &str, name: &str) -> http::Reply {
    let path = format!("/products/categories/{category}");
    command(site, ("PUT", &path), json!({ "name": name })).await
}

/// Ends the oldest process of a role and starts one of this program.
async fn replace(site: &Site, binary: &std::path::Path, processes: &mut Vec<Process>, role: &str) {
    let place = processes.iter().position(|process| process.role == role).unwrap();
    let process = processes.remove(place);
    let role = process.role;
    let stopped = site.stop(process).await;
    assert!(stopped.status.success(), "{role}: {:?}: {}", stopped.status, stopped.said);
    processes.push(site.start(binary, role).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_before_writers_and_nobody_notices_an_upgrade() {
    let (old, new) = (old(), new());
    let site = Site::new(&old).await;
    let mut processes = site.start_all(&old, 2).await;
    let shop = Shop::open(&site).await;
    let category = a_category(&site).await;
    let load = Load::start(&site, &shop);
    site.migrate(&new).await;
    for role in ROLES {
        for number in 1..=2 {
            replace(&site, &new, &mut processes, role).await;
            let seen = shop.probe(Instant::now(), SEEN_WITHIN).await;
            println!("{role} {number} of 2 is N; a change: {seen:.1?}");
            let failed = load.outcomes.failed();
            assert!(seen.is_ok(), "{role}: {seen:?}; {} failed: {failed:.800?}", failed.len());
        }
    }
    let _ = rename(&site, &category, "자전거와 부품").await.ok();
    let seen = shop.probe(Instant::now(), SEEN_WITHIN).await;
    assert!(seen.is_ok(), "after the new event: {seen:?}");
    let outcomes = load.outcomes.clone();
    let acknowledged = site.nothing_is_lost(load).await;
    println!("{} requests, {acknowledged} commands acknowledged", outcomes.count());
    assert_eq!(outcomes.failed(), Vec::<String>::new());
    site.views_catch_up(&processes).await;
    site.verify(&new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_before_readers_stop_the_views_until_the_readers_come() {
    let (old, new) = (program::older_binary(), program::binary());
    let site = Site::new(&old).await;
    let mut processes = site.start_all(&old, 1).await;
    let shop = Shop::open(&site).await;
    let category = a_category(&site).await;
    let load = Load::start(&site, &shop);
    let older = processes.iter().find(|process| process.role == "command-api").unwrap().address;
    let newer = site.start(&new, "command-api").await;
    site.gateway.remove("command-api", older);
    let _ = rename(&site, &category, "자전거와 부품").await.ok();
    // Others of its kind can answer, and it is no fault of the history.
    site.gateway.add("command-api", older);
    site.gateway.remove("command-api", newer.address);
    rename(&site, &category, "자전거").await.fails(503, "unavailable");
    site.gateway.add("command-api", newer.address);
    processes.push(newer);
    replace(&site, &new, &mut processes, "command-api").await;

    let projector = processes.iter().find(|process| process.role == "projector").unwrap();
    let told = eventually("the projector says what it cannot read", async || {
        let told = check_says(projector.address, "views").await?;
        told.contains("category.renamed").then_some(told)
    });
    println!("the older projector: {}", told.await);
    assert!(projector.said().contains("category.renamed"), "nor does its log");
    let change = shop.change(Instant::now() + SEEN_WITHIN).await.expect("commands go on");
    assert!(!shop.is_visible(&change).await, "the views go on beyond what they cannot read");

    replace(&site, &new, &mut processes, "projector").await;
    let seen = async || shop.is_visible(&change).await.then_some(());
    eventually("what waited is seen", seen).await;
    let outcomes = load.outcomes.clone();
    site.nothing_is_lost(load).await;
    assert_eq!(outcomes.failed(), Vec::<String>::new());
    site.views_catch_up(&processes).await;
    site.verify(&new).await;
}

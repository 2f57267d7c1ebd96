//! Two relays, of which one leads, and two projectors, which share the views: one of them dies, or hangs and
//! wakes, and the other goes on within ten seconds.

use std::time::Duration;

use events_schema::category;
use events_schema::envelope::Version;
use events_schema::ids::CategoryId;
use events_schema::stream::StreamId;
use events_schema::text::Name;
use storage::event_log::{self, COMMAND_EVENTS_MAX};
use tests::wait::eventually;
use tests::{appending, http, program};
use tokio::time::{Instant, sleep};

use super::history::check_says;
use super::load::Load;
use super::probe::Shop;
use super::site::{Process, Site};
use super::stopping::ENDS_WITHIN;

/// What is promised.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(10);
/// How long it is looked whether who wakes does harm.
const STAYS: Duration = Duration::from_secs(3);
/// Events, more than the client of Kafka takes at once.
const WAITING: f64 = 40_960.0;
const UNITS: usize = 80;

impl Process {
    /// A gauge or counter without labels, as it tells them.
    async fn metric(&self, name: &str) -> Option<f64> {
        let metrics = http::send(self.address, ("GET", "/metrics"), &[], b"").await.text();
        metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    async fn leads(&self) -> bool {
        self.metric("relay_is_leader").await == Some(1.0)
    }
}

/// The place of the relay that leads, or of any projector: all of them work.
async fn one_at_work(processes: &[Process], role: &str) -> usize {
    eventually("one works", async || {
        for (place, process) in processes.iter().enumerate() {
            if process.role == role && (role == "projector" || process.leads().await) {
                return Some(place);
            }
        }
        None
    })
    .await
}

/// [`WAITING`] categories.
async fn append(site: &Site) {
    let world = &site.world;
    let log = event_log::open(&site.servers.url("postgres"), world.clone()).await.unwrap();
    for unit in 0..UNITS {
        let created = (0..COMMAND_EVENTS_MAX).map(|number| {
            let category_id = CategoryId::new(world.uuid());
            let name = Name::new(&format!("분류 {unit} {number}")).unwrap();
            let created = category::Created { category_id, name, ancestors: vec![] };
            let event = category::Event::Created(created).into();
            (StreamId::Category(category_id), Version(0), event)
        });
        appending::append(&log, &created.collect::<Vec<_>>()).await;
    }
    log.close().await;
}

async fn within_ten_seconds(shop: &Shop, what: &str) {
    let seen = shop.probe(Instant::now(), TAKEN_OVER_WITHIN).await;
    println!("{what}: {seen:.1?}");
    assert!(seen.is_ok(), "{what}: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dies_is_taken_over_and_who_hangs_does_no_harm_when_it_wakes() {
    let binary = program::binary();
    let site = Site::new(&binary).await;
    let mut processes = site.start_all(&binary, 2).await;
    let shop = Shop::open(&site).await;
    let load = Load::start(&site, &shop);
    for role in ["relay", "projector"] {
        let hung = one_at_work(&processes, role).await;
        processes[hung].signal("-STOP");
        within_ten_seconds(&shop, &format!("a {role} hangs")).await;
        processes[hung].signal("-CONT");
        sleep(STAYS).await;
        within_ten_seconds(&shop, &format!("a {role} woke")).await;
        let killed = one_at_work(&processes, role).await;
        processes.remove(killed).signal("-KILL");
        within_ten_seconds(&shop, &format!("a {role} died")).await;
        processes.push(site.start(&binary, role).await);
    }
    let mut leaders = 0;
    for process in processes.iter().filter(|process| process.role == "relay") {
        leaders += usize::from(process.leads().await);
    }
    assert_eq!(leaders, 1);
    let _acknowledged = site.nothing_is_lost(load).await;
    site.views_catch_up(&processes).await;
    site.verify(&binary).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_kafka_keeps_waiting_tells_its_backlog_and_ends_when_it_is_told_to() {
    let binary = program::binary();
    let site = Site::new(&binary).await;
    let relay = site.spawn(&binary, "relay").await;
    eventually("it leads", async || relay.leads().await.then_some(())).await;
    site.servers.kill("kafka").await;
    append(&site).await;
    let backlog = async |relay: &Process| relay.metric("relay_backlog_events").await;
    let is_behind = async || (backlog(&relay).await >= Some(WAITING)).then_some(());
    eventually("it tells all that waits", is_behind).await;
    // By then it has handed on all that the client takes.
    eventually("it says why", async || {
        let told = check_says(relay.address, "relay").await?;
        told.starts_with("Kafka has acknowledged nothing for").then_some(())
    })
    .await;
    let stopped = site.stop(relay).await;
    assert!(stopped.status.success(), "{:?}: {}", stopped.status, stopped.said);
    assert!(stopped.took <= ENDS_WITHIN, "{:?}", stopped.took);
    site.servers.up(&["kafka"]).await;
    let relay = site.spawn(&binary, "relay").await;
    eventually("it has caught up", async || {
        let published = relay.metric("relay_published_total").await;
        (published >= Some(WAITING) && backlog(&relay).await == Some(0.0)).then_some(())
    })
    .await;
}

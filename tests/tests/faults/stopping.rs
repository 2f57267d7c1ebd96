//! Two processes of each role, of which one after another is told to stop under load and started
//! again: no request fails, and nothing is lost.

use std::time::Duration;

use tests::program;
use tokio::time::{Instant, sleep};

use super::load::Load;
use super::probe::{SEEN_WITHIN, Shop};
use super::site::{ROLES, Site};

/// What is running is waited for 25 s, and commands as long again; with nothing in the way, less.
pub(crate) const ENDS_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_is_stopped_and_started_and_no_request_fails() {
    let binary = program::binary();
    let site = Site::new(&binary).await;
    let mut processes = site.start_all(&binary, 2).await;
    let shop = Shop::open(&site).await;
    let load = Load::start(&site, &shop);
    for role in ROLES {
        for _ in 0..2 {
            // The oldest of the role, so that each goes once.
            let place = processes.iter().position(|process| process.role == role).unwrap();
            let stopped = site.stop(processes.remove(place)).await;
            assert!(stopped.status.success(), "{role}: {:?}: {}", stopped.status, stopped.said);
            assert!(stopped.took <= ENDS_WITHIN, "{role} took {:?}", stopped.took);
            let seen = shop.probe(Instant::now(), SEEN_WITHIN).await;
            println!("{role}: ended after {:.1?}; a change: {seen:.1?}", stopped.took);
            assert!(seen.is_ok(), "{role}: {seen:?}");
            processes.push(site.start(&binary, role).await);
        }
    }
    sleep(Duration::from_secs(1)).await;
    let outcomes = load.outcomes.clone();
    let acknowledged = site.nothing_is_lost(load).await;
    println!("{} requests, {acknowledged} commands acknowledged", outcomes.count());
    assert_eq!(outcomes.failed(), Vec::<String>::new());
    site.views_catch_up(&processes).await;
    site.verify(&binary).await;
}

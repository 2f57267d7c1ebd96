//! What stands in the history and in the views after the load has ended.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use events_schema::Event;
use events_schema::envelope::Position;
use storage::event_log::{self, Filter, READ_MAX};
use tests::wait::eventually;
use tests::{http, program};

use super::load::Load;
use super::site::{Process, Site};

const VERIFYING: Duration = Duration::from_secs(300);

impl Site {
    /// Ends the load. Every acknowledged command is in the history, under the id that was answered, and
    /// none is twice.
    pub(crate) async fn nothing_is_lost(&self, load: Load) -> usize {
        let acknowledged = load.end().await;
        let recorded = self.categories().await;
        let lost = acknowledged
            .iter()
            .filter(|(name, id)| recorded.get(*name).is_none_or(|ids| ids != &[(*id).clone()]));
        assert_eq!(lost.collect::<Vec<_>>(), vec![], "acknowledged, and not in the history once");
        let twice = recorded.iter().filter(|(_, ids)| ids.len() > 1);
        assert_eq!(twice.collect::<Vec<_>>(), vec![], "done twice");
        acknowledged.len()
    }

    /// Waits until every view is at the end of the log.
    pub(crate) async fn views_catch_up(&self, processes: &[Process]) {
        let head = self.head().await;
        let queries = processes.iter().find(|process| process.role == "query-api").unwrap();
        let caught_up = eventually("the views are at the end", async || {
            views_at(queries.address).await.filter(|position| *position >= head)
        });
        caught_up.await;
    }

    async fn head(&self) -> u64 {
        let url = self.servers.url("postgres");
        let log = event_log::open_read_only(&url, self.world.clone()).await.unwrap();
        let head = log.head().await.unwrap().position.0;
        log.close().await;
        head
    }

    /// The categories of the whole history: their ids by name.
    async fn categories(&self) -> BTreeMap<String, Vec<String>> {
        let url = self.servers.url("postgres");
        let log = event_log::open_read_only(&url, self.world.clone()).await.unwrap();
        let (mut after, mut found) = (Position(0), BTreeMap::<String, Vec<String>>::new());
        loop {
            let page = log.read(after, &Filter::default(), READ_MAX).await.unwrap().events;
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in page {
                let event = recorded.decode().unwrap().event;
                if let Event::Category(events_schema::category::Event::Created(created)) = event {
                    let ids = found.entry(created.name.to_string()).or_default();
                    ids.push(created.category_id.to_string());
                }
            }
        }
        log.close().await;
        found
    }

    /// Every hash, every sum, every document recomputed.
    pub(crate) async fn verify(&self, binary: &Path) {
        let mut words = vec!["verify", "--json"];
        words.extend(self.stores.iter().map(String::as_str));
        let verified =
            program::finish_within(VERIFYING, program::command_of(binary, &words)).await.well();
        assert_eq!(verified["findings"], serde_json::json!([]));
    }
}

/// Up to where every view is, as the query API at this address follows them.
async fn views_at(address: SocketAddr) -> Option<u64> {
    check_says(address, "views").await?.strip_prefix("at ")?.parse().ok()
}

async fn health(address: SocketAddr) -> serde_json::Value {
    http::send(address, ("GET", "/health/ready"), &[], b"").await.json()
}

/// Whether a check of the process at this address tells that something is wrong.
pub(crate) async fn is_unwell(address: SocketAddr, name: &str) -> bool {
    let report = health(address).await;
    let check = |check: &serde_json::Value| check["name"] == name && check["ok"] == false;
    let degraded = format!("{name}: ");
    let is_degraded = |told: &serde_json::Value| told.as_str().unwrap().starts_with(&degraded);
    report["checks"].as_array().unwrap().iter().any(check)
        || report["degraded"].as_array().unwrap().iter().any(is_degraded)
}

/// What a check of the process at this address says.
pub(crate) async fn check_says(address: SocketAddr, name: &str) -> Option<String> {
    let report = health(address).await;
    let check = report["checks"].as_array()?.iter().find(|check| check["name"] == name)?;
    check["detail"].as_str().map(str::to_owned)
}

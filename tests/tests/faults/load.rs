//! A load that keeps its rate whatever the answers are: commands that are repeated under their keys
//! until they are acknowledged, and questions of every kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use events_schema::envelope::Role;
use serde_json::json;
use tests::http;
use tests::person::Person;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::gateway::{Answer, Gateway};
use super::outcomes::{Kind, Outcome, Outcomes};
use super::probe::Shop;
use super::site::Site;

/// Between two ticks; a tick is one command, and one question.
const TICK: Duration = Duration::from_millis(100);
/// Of so many ticks each kind of question has one.
const QUESTIONS: [Kind; 5] = [Kind::List, Kind::Page, Kind::Search, Kind::List, Kind::Past];
/// Between two tries of a command.
const PAUSE: Duration = Duration::from_secs(1);
/// So many clients repeat what was not acknowledged; others give up.
const PATIENT_MAX: usize = 100;
/// One of so many is sent once more though it was acknowledged.
const DOUBLED: u64 = 10;

#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) outcomes: Outcomes,
    client: Client,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Clone, Debug)]
struct Client {
    gateway: Gateway,
    outcomes: Outcomes,
    /// The id that each name was answered with.
    acknowledged: Arc<Mutex<BTreeMap<String, String>>>,
    patient: Arc<Semaphore>,
    admin: Person,
    auditor: Person,
    buyer: Person,
    listing: String,
}

impl Load {
    pub(crate) fn start(site: &Site, shop: &Shop) -> Self {
        let outcomes = Outcomes::default();
        let client = Client {
            gateway: site.gateway.clone(),
            outcomes: outcomes.clone(),
            acknowledged: Arc::default(),
            patient: Arc::new(Semaphore::new(PATIENT_MAX)),
            admin: site.somebody(&[Role::Admin]),
            auditor: site.somebody(&[Role::Auditor]),
            buyer: site.somebody(&[Role::Buyer]),
            listing: shop.listing.clone(),
        };
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let ticking = tick(client.clone(), tasks.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(ticking));
        Self { outcomes, client, stop, tasks }
    }

    /// Waits for what is on its way, which no longer is repeated for ever: gives what was acknowledged.
    pub(crate) async fn end(self) -> BTreeMap<String, String> {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let acknowledged = self.client.acknowledged.lock();
        acknowledged.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn tick(client: Client, tasks: TaskTracker) {
    let mut ticks = tokio::time::interval(TICK);
    // A machine that lags sends what it owes at once: the rate is kept.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for (number, kind) in (0_u64..).zip(QUESTIONS.into_iter().cycle()) {
        ticks.tick().await;
        let asking = client.clone();
        tasks.spawn(async move { asking.ask(kind, number).await });
        let commanding = client.clone();
        tasks.spawn(async move { commanding.command(number).await });
    }
}

impl Client {
    async fn send(&self, kind: Kind, request: &[u8]) -> Answer {
        let role = if kind == Kind::Command { "command-api" } else { "query-api" };
        let began = Instant::now();
        let answer = self.gateway.send(role, request).await;
        self.outcomes.add(Outcome { kind, began, ended: Instant::now(), answer: answer.clone() });
        answer
    }

    async fn ask(&self, kind: Kind, number: u64) {
        let bearer = |person: &Person| person.bearer();
        let (path, bearer) = match kind {
            Kind::List => ("/orders".to_owned(), Some(bearer(&self.buyer))),
            Kind::Page => (format!("/products/{}", self.listing), None),
            // What nobody has asked before is kept nowhere.
            Kind::Search => (format!("/products?q=bicycle&price_max={}", 1_000_000 + number), None),
            Kind::Past => ("/events/1".to_owned(), Some(bearer(&self.auditor))),
            Kind::Command => return,
        };
        let headers: Vec<_> =
            bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        self.send(kind, &http::request(("GET", &path), &headers, b"")).await;
    }

    /// Repeated until it is acknowledged, where this client is one of the patient.
    async fn command(&self, number: u64) {
        let name = format!("분류 {number}");
        let bearer = self.admin.bearer();
        let key = format!("load-{number}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", &key),
            ("content-type", "application/json"),
        ];
        let body = json!({ "name": name }).to_string();
        let request = http::request(("POST", "/products/categories"), &headers, body.as_bytes());
        let mut place = None;
        let id = loop {
            if let Answer::Reply(reply) = self.send(Kind::Command, &request).await
                && reply.status == 201
            {
                break reply.at("/id");
            }
            if place.is_none() {
                place = self.patient.try_acquire().ok();
            }
            if place.is_none() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        };
        if number.is_multiple_of(DOUBLED)
            && let Answer::Reply(reply) = self.send(Kind::Command, &request).await
            && reply.status == 201
        {
            assert_eq!(reply.at("/id"), id, "the same command had another answer");
        }
        let mut acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.insert(name, id);
    }
}

//! Who is counted together, by one process and by several that share a cache.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::response::IntoResponse;
use bytes::Bytes;
use events_schema::envelope::Role;
use http_body_util::BodyExt;
use storage::cache::memory::Memory;
use storage::cache::{Cache, Counted, Error};
use utoipa_axum::routes;
use uuid::Uuid;

use super::*;
use crate::app::App;
use crate::health::Health;
use crate::policy::{Policy, Routes};
use crate::stack::Peer;
use crate::state::Config;
use crate::testing::{bearer, buyer, edge};

const PEER: Client = Client(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
const ANYWHERE: (&Method, &str) = (&Method::GET, "/anywhere");

fn client(text: &str) -> Client {
    Client(text.parse().unwrap())
}

fn per_minute(requests: u32) -> Limits {
    Limits::new(requests, &[], None)
}

/// The limits of two processes that share this cache.
fn two(requests: u32, routes: &[RouteLimit], cache: &Arc<Flaky>) -> [Limits; 2] {
    let shared: SharedCache = cache.clone();
    [(); 2].map(|()| Limits::new(requests, routes, Some(&shared)))
}

/// A cache that may be away.
#[derive(Debug, Default)]
struct Flaky {
    kept: Memory,
    is_away: AtomicBool,
    asked: AtomicU64,
}

#[async_trait]
impl Cache for Flaky {
    async fn get(&self, _: &str) -> Result<Option<Bytes>, Error> {
        unreachable!("limits keep nothing")
    }

    async fn put(&self, _: &str, _: Bytes, _: Duration) -> Result<(), Error> {
        unreachable!("limits keep nothing")
    }

    async fn remove(&self, _: &str) -> Result<(), Error> {
        unreachable!("limits keep nothing")
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Error("away".into()));
        }
        self.kept.count(key, window).await
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn seconds(problem: Problem) -> u64 {
    problem.into_response().headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

#[utoipa::path(get, path = "/open")]
async fn open() -> &'static str {
    "open"
}

fn an_app(requests_per_minute: u32, cache: &Arc<Flaky>) -> App {
    let shared_cache: Option<SharedCache> = Some(cache.clone());
    let edge = edge(Config { requests_per_minute, shared_cache, ..Config::default() });
    App::new(Routes::new(&edge).route(Policy::Public, routes!(open)), Health::new(), "x").unwrap()
}

/// The status that a client at this address is answered with, in the name of this person.
async fn status(app: &App, address: &str, caller: Option<&str>) -> u16 {
    let mut request = Request::get("/open");
    if let Some(token) = caller {
        request = request.header(AUTHORIZATION, token);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(address.parse().unwrap()));
    app.answer(request).await.status().as_u16()
}

/// How often a limit did without the cache, in this process.
async fn failures(app: &App) -> u64 {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let body = app.answer(request).await.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("rate_limit_cache_failures_total "));
    line.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn the_hundred_and_first_request_of_a_minute_is_refused() {
    let limits = per_minute(100);
    for _ in 0..100 {
        limits.admit(PEER).await.unwrap();
    }
    assert_eq!(limits.admit(PEER).await.unwrap_err().code(), "rate_limited");
    assert!(limits.admit(client("10.0.0.2")).await.is_ok(), "another address has its own");
}

#[tokio::test]
async fn a_network_has_one_allowance_however_many_addresses_it_takes() {
    let limits = per_minute(1);
    limits.admit(client("2001:db8::1")).await.unwrap();
    assert!(limits.admit(client("2001:db8::2")).await.is_err());
    assert!(limits.admit(client("2001:db8:0:1::1")).await.is_ok());
    limits.admit(PEER).await.unwrap();
    assert!(limits.admit(client("::ffff:10.0.0.1")).await.is_err(), "the same address, mapped");
}

#[tokio::test]
async fn a_person_has_one_allowance_from_whatever_addresses() {
    let limits = per_minute(2);
    let one = buyer();
    limits.admit_to(ANYWHERE, PEER, Some(&one)).await.unwrap();
    limits.admit_to(ANYWHERE, client("10.0.0.2"), Some(&one)).await.unwrap();
    let third = limits.admit_to(ANYWHERE, client("10.0.0.3"), Some(&one)).await;
    assert_eq!(third.unwrap_err().code(), "rate_limited");
    let other = Caller { person_id: PersonId::new(Uuid::from_u128(8)), ..buyer() };
    limits.admit_to(ANYWHERE, PEER, Some(&other)).await.unwrap();
    limits.admit_to(ANYWHERE, PEER, None).await.unwrap();
}

#[tokio::test]
async fn a_route_has_a_limit_of_its_own_for_each_client() {
    let limits = Limits::new(0, &["GET /orders/{order_id}=1".parse().unwrap()], None);
    let order = (&Method::GET, "/orders/{order_id}");
    limits.admit_to(order, PEER, Some(&buyer())).await.unwrap();
    let again = limits.admit_to((&Method::HEAD, order.1), PEER, Some(&buyer())).await;
    assert!(again.unwrap_err().detail().contains("route"), "HEAD is GET without its body");
    limits.admit_to(order, PEER, None).await.unwrap();
    assert!(limits.admit_to(order, PEER, None).await.is_err(), "nobody is counted by address");
    for _ in 0..10 {
        limits.admit_to(ANYWHERE, PEER, Some(&buyer())).await.unwrap();
        limits.admit_to((&Method::POST, order.1), PEER, Some(&buyer())).await.unwrap();
    }
}

#[tokio::test]
async fn nought_is_no_limit() {
    let limits = per_minute(0);
    for _ in 0..1_000 {
        limits.admit(PEER).await.unwrap();
        limits.admit_to(ANYWHERE, PEER, Some(&buyer())).await.unwrap();
    }
}

#[tokio::test]
async fn processes_with_one_cache_count_together() {
    let routes = ["POST /orders=3".parse().unwrap()];
    let [one, other] = two(10, &routes, &Arc::default());
    for _ in 0..5 {
        one.admit(PEER).await.unwrap();
        other.admit(PEER).await.unwrap();
    }
    let refused = [one.admit(PEER).await.unwrap_err(), other.admit(PEER).await.unwrap_err()];
    for seconds in refused.map(seconds) {
        assert!((59..=60).contains(&seconds), "{seconds}: the window had just begun");
    }
    let post = (&Method::POST, "/orders");
    for limits in [&one, &other, &one] {
        limits.admit_to(post, PEER, Some(&buyer())).await.unwrap();
    }
    assert!(other.admit_to(post, PEER, Some(&buyer())).await.is_err());
}

#[tokio::test]
async fn while_the_cache_is_away_each_process_counts_for_itself() {
    let cache = Arc::new(Flaky::default());
    let [one, other] = two(2, &[], &cache);
    one.admit(PEER).await.unwrap();
    one.admit(PEER).await.unwrap();
    assert!(other.admit(PEER).await.is_err());
    cache.is_away.store(true, Ordering::Relaxed);
    for limits in [&one, &other] {
        limits.admit(PEER).await.unwrap();
        limits.admit(PEER).await.unwrap();
        assert!(limits.admit(PEER).await.is_err(), "open does not mean without a limit");
    }
    cache.is_away.store(false, Ordering::Relaxed);
    let asked = cache.asked.load(Ordering::Relaxed);
    assert!(one.admit(PEER).await.is_err(), "what was counted before still stands");
    assert_eq!(cache.asked.load(Ordering::Relaxed), asked + 1);
    one.admit(client("10.0.0.2")).await.unwrap();
    other.admit(client("10.0.0.2")).await.unwrap();
    assert!(one.admit(client("10.0.0.2")).await.is_err(), "together again");
}

#[tokio::test]
async fn two_instances_share_a_limit_and_go_on_without_their_cache() {
    let cache = Arc::new(Flaky::default());
    let [one, other] = [an_app(4, &cache), an_app(4, &cache)];
    let of_one = bearer(one.edge(), &[Role::Buyer]);
    let of_other = bearer(other.edge(), &[Role::Buyer]);
    for address in ["10.0.0.1", "10.0.0.2"] {
        assert_eq!(status(&one, address, Some(&of_one)).await, 200);
        assert_eq!(status(&other, address, Some(&of_other)).await, 200);
    }
    assert_eq!(status(&one, "10.0.0.3", Some(&of_one)).await, 429, "the person has asked enough");
    assert_eq!(status(&other, "10.0.0.3", None).await, 200, "the address has not");
    let before = failures(&one).await;
    cache.is_away.store(true, Ordering::Relaxed);
    for app in [&one, &other] {
        for _ in 0..4 {
            assert_eq!(status(app, "10.0.0.1", None).await, 200);
        }
        assert_eq!(status(app, "10.0.0.1", None).await, 429);
    }
    assert!(failures(&one).await >= before + 10);
    cache.is_away.store(false, Ordering::Relaxed);
    assert_eq!(status(&one, "10.0.0.1", None).await, 200, "two of four were counted there");
    assert_eq!(status(&other, "10.0.0.1", None).await, 200);
    assert_eq!(status(&one, "10.0.0.1", None).await, 429);
}

#[test]
fn a_limit_of_a_route_is_read_or_refused() {
    let read: RouteLimit = "POST /orders/{order_id}/cancel=20".parse().unwrap();
    assert_eq!((read.method, read.per_minute.get()), (Method::POST, 20));
    assert_eq!(read.route, "/orders/{order_id}/cancel");
    for bad in ["", "POST /orders", "/orders=1", "POST /orders=0", "POST orders=1", "FLY /x=1"] {
        assert_eq!(bad.parse::<RouteLimit>(), Err(Malformed), "{bad}");
    }
}

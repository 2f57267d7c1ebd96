//! Redis: a prefix a test on the server that `JANGTEO_TEST_REDIS` names, and servers of their own for
//! tests that take them away.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use storage::cache::{Error, SharedCache, open};
use tempfile::TempDir;

use crate::contract::{self, eventually};
use crate::trust::Trust;

const HOUR: Duration = Duration::from_secs(3_600);
const PASSWORD: &str = "very-secret";
/// Four calls of at most 250 ms each, and as long again to spare.
const SOON: Duration = Duration::from_secs(2);

fn server() -> String {
    std::env::var("JANGTEO_TEST_REDIS")
        .expect("JANGTEO_TEST_REDIS names no server: run ./check --real, which starts one")
}

fn a_prefix() -> String {
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).unwrap();
    format!("test_{:016x}", u64::from_be_bytes(unique))
}

async fn a_cache() -> ((), SharedCache) {
    ((), open(&format!("{}?prefix={}", server(), a_prefix())).await.unwrap())
}

contract::run_on!(a_cache);

#[tokio::test]
async fn installations_are_apart() {
    let ((), one) = a_cache().await;
    let ((), other) = a_cache().await;
    one.put("k", Bytes::from_static(b"x"), HOUR).await.unwrap();
    one.count("k", HOUR).await.unwrap();
    assert_eq!(other.get("k").await.unwrap(), None);
    assert_eq!(other.count("k", HOUR).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_counter_without_an_end_is_given_one() {
    let prefix = a_prefix();
    let cache = open(&format!("{}?prefix={prefix}", server())).await.unwrap();
    let client = redis::Client::open(server()).unwrap();
    let mut client = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("{prefix}:count:k");
    redis::cmd("SET").arg(&key).arg(5).exec_async(&mut client).await.unwrap();
    let counted = cache.count("k", HOUR).await.unwrap();
    assert_eq!((counted.count, counted.ends_in), (6, HOUR));
    let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut client).await.unwrap();
    assert!((1..=3_600_000).contains(&left), "{left}");
}

#[tokio::test]
async fn any_time_to_live_is_one() {
    let ((), cache) = a_cache().await;
    cache.put("long", Bytes::from_static(b"x"), Duration::MAX).await.unwrap();
    assert!(cache.get("long").await.unwrap().is_some());
    cache.put("none", Bytes::from_static(b"x"), Duration::ZERO).await.unwrap();
    eventually("it is gone", || async { cache.get("none").await.unwrap().is_none() }).await;
    assert_eq!(cache.count("long", Duration::MAX).await.unwrap().count, 1);
    cache.count("none", Duration::ZERO).await.unwrap();
}

/// A place where a server of the test's own is up or not.
struct Place {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl Place {
    fn find() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        Self { folder: TempDir::new().unwrap(), port, running: None }
    }

    fn start(&mut self, password: &str) {
        self.start_with(password, &["--port", &self.port.to_string()]);
    }

    fn start_encrypted(&mut self, trust: &Trust) {
        let file = |name: &str| trust.path(name).display().to_string();
        let port = self.port.to_string();
        let tls = ["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"];
        let files = ["--tls-cert-file", &file("ours.pem"), "--tls-key-file", &file("ours.key")];
        self.start_with(PASSWORD, &[tls.as_slice(), files.as_slice()].concat());
    }

    fn start_with(&mut self, password: &str, arguments: &[&str]) {
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--requirepass", password])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .spawn();
        self.running = Some(server.unwrap());
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.running.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    fn signal(&self, name: &str) {
        let id = self.running.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    async fn cache(&self) -> SharedCache {
        open(&format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn answers(cache: &SharedCache) {
    eventually("the cache answers", || async { cache.get("k").await.is_ok() }).await;
}

async fn every_call_fails_soon(cache: &SharedCache) {
    let told = |error: Error| {
        let told = format!("{error} {error:?} {cache:?}");
        assert!(!told.contains(PASSWORD), "{told}");
    };
    for _ in 0..3 {
        let asked = Instant::now();
        told(cache.get("k").await.unwrap_err());
        told(cache.put("k", Bytes::new(), HOUR).await.unwrap_err());
        told(cache.remove("k").await.unwrap_err());
        told(cache.count("k", HOUR).await.unwrap_err());
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_an_error_and_comes_back_by_itself() {
    let mut place = Place::find();
    let cache = place.cache().await;
    for _ in 0..3 {
        every_call_fails_soon(&cache).await;
        place.start(PASSWORD);
        answers(&cache).await;
        assert_eq!(cache.count("k", HOUR).await.unwrap().count, 1);
        place.stop();
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_an_error_and_comes_back_by_itself() {
    let mut place = Place::find();
    let cache = place.cache().await;
    place.start(PASSWORD);
    answers(&cache).await;
    place.signal("-STOP");
    every_call_fails_soon(&cache).await;
    let asked = Instant::now();
    for _ in 0..1_000 {
        cache.get("k").await.unwrap_err();
    }
    assert!(asked.elapsed() < SOON, "only some of them wait: {:?}", asked.elapsed());
    place.signal("-CONT");
    answers(&cache).await;
}

#[tokio::test]
async fn an_encrypted_server_is_trusted_by_the_authority_that_is_named_and_by_no_other() {
    let (mut place, trust) = (Place::find(), Trust::new());
    place.start_encrypted(&trust);
    let url = format!("rediss://:{PASSWORD}@127.0.0.1:{}", place.port);
    let file = |name: &str| trust.path(name).display().to_string();
    let cache = open(&format!("{url}?ca={}", file("ours.pem"))).await.unwrap();
    answers(&cache).await;
    cache.put("k", Bytes::from_static(b"x"), HOUR).await.unwrap();
    assert!(cache.get("k").await.unwrap().is_some());
    for url in [format!("{url}?ca={}", file("theirs.pem")), url] {
        let cache = open(&url).await.unwrap();
        let refused = format!("{:?}", cache.get("k").await.unwrap_err());
        assert!(refused.contains("invalid peer certificate"), "{refused}");
    }
}

#[tokio::test]
async fn a_password_that_is_refused_is_tried_again() {
    let mut place = Place::find();
    let cache = place.cache().await;
    place.start("another");
    let refused = async || {
        let error = cache.get("k").await.unwrap_err();
        format!("{error:?}").contains("authentication")
    };
    eventually("the password is refused", &refused).await;
    every_call_fails_soon(&cache).await;
    place.stop();
    place.start(PASSWORD);
    answers(&cache).await;
}

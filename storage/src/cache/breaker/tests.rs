//! A server that is away or answers, and how often it is asked. No test here outlasts a pause unless
//! it says that one is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::future::join_all;
use tokio::sync::Notify;

use super::*;
use crate::cache::memory::Memory;

/// A server that may be away: then it says so when `hangs_up` tells it to.
#[derive(Debug, Default)]
struct Server {
    kept: Memory,
    is_away: AtomicBool,
    hangs_up: Notify,
    asked: AtomicU64,
}

impl Server {
    async fn call<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            self.hangs_up.notified().await;
            return Err(Error("silence".into()));
        }
        answer.await
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Cache for Arc<Server> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        self.call(self.kept.get(key)).await
    }

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error> {
        self.call(self.kept.put(key, value, time_to_live)).await
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.call(self.kept.remove(key)).await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error> {
        self.call(self.kept.count(key, window)).await
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// A server that was found to be away just now.
async fn away() -> (Arc<Server>, Breaker<Arc<Server>>) {
    let server = Arc::new(Server::default());
    server.is_away.store(true, Ordering::Relaxed);
    let cache = Breaker::new(Arc::clone(&server));
    server.hangs_up.notify_one();
    cache.get("k").await.unwrap_err();
    (server, cache)
}

fn the_pause_is_over(cache: &Breaker<Arc<Server>>) {
    *cache.away_until.lock().unwrap() = Some(Instant::now());
}

#[tokio::test]
async fn nobody_asks_a_server_that_was_away_a_moment_ago() {
    let (server, cache) = away().await;
    for _ in 0..1_000 {
        cache.get("k").await.unwrap_err();
        cache.put("k", Bytes::new(), PAUSE).await.unwrap_err();
        cache.remove("k").await.unwrap_err();
        cache.count("k", PAUSE).await.unwrap_err();
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn after_a_pause_one_tries_and_nobody_waits_with_it() {
    let (server, cache) = away().await;
    the_pause_is_over(&cache);
    // Whoever was kept from trying lets go the one that tries, so this ends only if nobody waits.
    let asks = (0..100).map(|_| async {
        let told = cache.get("k").await.unwrap_err();
        server.hangs_up.notify_one();
        told
    });
    assert_eq!(join_all(asks).await.len(), 100);
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_server_that_is_back_is_used_again_after_a_pause() {
    let (server, cache) = away().await;
    server.is_away.store(false, Ordering::Relaxed);
    cache.get("k").await.unwrap_err();
    the_pause_is_over(&cache);
    for count in 1..=3 {
        assert_eq!(cache.count("k", PAUSE).await.unwrap().count, count);
    }
}

#[tokio::test]
async fn a_caller_that_gave_up_trying_does_not_end_the_tries() {
    let (server, cache) = away().await;
    the_pause_is_over(&cache);
    let tried = tokio::time::timeout(Duration::from_millis(1), cache.get("k")).await;
    assert!(tried.is_err(), "it hangs");
    assert_eq!(server.asked(), 2);
    server.is_away.store(false, Ordering::Relaxed);
    the_pause_is_over(&cache);
    cache.get("k").await.unwrap();
}

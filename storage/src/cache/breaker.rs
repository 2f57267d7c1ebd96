//! A cache that is away is left alone for a while.
//!
//! Whoever asks meanwhile is told so at once, and does without. One call in each [`PAUSE`] tries
//! whether it is back: so one caller pays for a server that hangs, and not each of them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use metrics::counter;

use super::{Cache, Counted, Error};

/// How long nobody asks after a call that failed.
pub const PAUSE: Duration = Duration::from_secs(2);

/// Any cache, asked only while it answers.
#[derive(Debug)]
pub struct Breaker<C> {
    cache: C,
    /// While the cache is away: when the next call may try it.
    away_until: Mutex<Option<Instant>>,
}

impl<C: Cache> Breaker<C> {
    #[must_use]
    pub const fn new(cache: C) -> Self {
        Self { cache, away_until: Mutex::new(None) }
    }

    async fn guard<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if !self.may_try() {
            return Err(Error("it did not answer a moment ago".into()));
        }
        let answer = call.await;
        match &answer {
            Ok(_) => self.answered(),
            Err(error) => self.failed(error),
        }
        answer
    }

    /// Whoever may try while the cache is away keeps the others from it until it is known better.
    fn may_try(&self) -> bool {
        let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match *away_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                *away_until = Some(now + PAUSE);
                true
            }
        }
    }

    fn answered(&self) {
        let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        if away_until.take().is_some() {
            tracing::info!("cache answers again");
        }
    }

    fn failed(&self, error: &Error) {
        counter!("cache_failures_total").increment(1);
        let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        if away_until.replace(Instant::now() + PAUSE).is_none() {
            let error: &(dyn std::error::Error + 'static) = error;
            tracing::warn!(error, "cache is away; requests do without it");
        }
    }
}

#[async_trait]
impl<C: Cache> Cache for Breaker<C> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        self.guard(self.cache.get(key)).await
    }

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error> {
        self.guard(self.cache.put(key, value, time_to_live)).await
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.guard(self.cache.remove(key)).await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error> {
        self.guard(self.cache.count(key, window)).await
    }

    fn is_shared(&self) -> bool {
        self.cache.is_shared()
    }
}

#[cfg(test)]
#[path = "breaker/tests.rs"]
mod tests;

//! The cache of one process: at most 32 MiB of values and 100,000 counters; what is used least
//! goes first.

use std::fmt;
use std::future::ready;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use moka::Expiry;
use moka::future::Cache as Moka;

use super::{Cache, Counted, Error, VALUE_BYTES_MAX};

const VALUES_BYTES_MAX: u64 = 32 << 20;
const COUNTERS_MAX: u64 = 100_000;
/// What an entry costs besides its key and value, about.
const ENTRY_BYTES: usize = 128;

/// The adapter.
pub struct Memory {
    values: Moka<String, Value>,
    counters: Moka<String, Counter>,
}

#[derive(Clone)]
struct Value {
    bytes: Bytes,
    time_to_live: Duration,
}

#[derive(Clone)]
struct Counter {
    count: u64,
    window: Duration,
    began: Instant,
}

impl Default for Memory {
    fn default() -> Self {
        let values = Moka::builder()
            .max_capacity(VALUES_BYTES_MAX)
            .weigher(|key: &String, value: &Value| {
                let bytes = key.len().saturating_add(value.bytes.len()).saturating_add(ENTRY_BYTES);
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .expire_after(Lives)
            .build();
        let counters = Moka::builder().max_capacity(COUNTERS_MAX).expire_after(Lives).build();
        Self { values, counters }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("values", &self.values.entry_count())
            .field("counters", &self.counters.entry_count())
            .finish()
    }
}

#[async_trait]
impl Cache for Memory {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        Ok(self.values.get(key).await.map(|value| value.bytes))
    }

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error> {
        if value.len() > VALUE_BYTES_MAX {
            self.values.invalidate(key).await;
            return Ok(());
        }
        // A part of a larger buffer would keep all of it.
        let bytes = Bytes::copy_from_slice(&value);
        self.values.insert(key.to_owned(), Value { bytes, time_to_live }).await;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.values.invalidate(key).await;
        Ok(())
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error> {
        let now = Instant::now();
        let next = |old: Option<moka::Entry<String, Counter>>| {
            ready(old.map_or(Counter { count: 1, window, began: now }, |old| {
                let old = old.into_value();
                Counter { count: old.count.saturating_add(1), ..old }
            }))
        };
        let counter = self.counters.entry_by_ref(key).and_upsert_with(next).await.into_value();
        let ends_in = counter.window.saturating_sub(now.saturating_duration_since(counter.began));
        Ok(Counted { count: counter.count, ends_in })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

struct Lives;

impl Expiry<String, Value> for Lives {
    fn expire_after_create(&self, _: &String, value: &Value, _: Instant) -> Option<Duration> {
        Some(value.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &Value,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.time_to_live)
    }
}

impl Expiry<String, Counter> for Lives {
    fn expire_after_create(&self, _: &String, counter: &Counter, _: Instant) -> Option<Duration> {
        Some(counter.window)
    }

    fn expire_after_update(
        &self,
        _: &String,
        counter: &Counter,
        _: Instant,
        left: Option<Duration>,
    ) -> Option<Duration> {
        // A first count that takes the place of an expired one is an update too.
        if counter.count == 1 { Some(counter.window) } else { left }
    }
}

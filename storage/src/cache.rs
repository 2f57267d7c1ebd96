//! Cache: values with a time to live, and counters. Losing it costs speed, never correctness.

pub mod breaker;
pub mod memory;
#[cfg(feature = "redis")]
pub mod redis;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

#[derive(Debug, thiserror::Error)]
#[error("cache is unavailable")]
pub struct Error(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The most bytes of one value. A larger one is not kept.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// A counter after one was added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub count: u64,
    /// When it begins again at 0.
    pub ends_in: Duration,
}

/// The port.
#[async_trait]
pub trait Cache: fmt::Debug + Send + Sync + 'static {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error>;

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error>;

    async fn remove(&self, key: &str) -> Result<(), Error>;

    /// Adds one to a counter that starts at 0 and ends `window` after its first use.
    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error>;

    /// Whether other processes find what is put here.
    fn is_shared(&self) -> bool;
}

pub type SharedCache = Arc<dyn Cache>;

/// Opens the cache that the URL's scheme names: `memory:`, or `redis://` and `rediss://` as
/// `redis::Redis::open` reads them.
///
/// A server that is away is no error here, as whoever asks it must do without it at any time: it is
/// asked through [`breaker::Breaker`], so that it costs nobody much.
///
/// # Errors
/// [`Error`] where no adapter has this scheme, or the adapter cannot read the URL.
pub async fn open(url: &str) -> Result<SharedCache, Error> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(memory::Memory::default())),
        #[cfg(feature = "redis")]
        Some(("redis" | "rediss", _)) => {
            Ok(Arc::new(breaker::Breaker::new(redis::Redis::open(url)?)))
        }
        #[cfg(not(feature = "redis"))]
        Some(("redis" | "rediss", _)) => {
            Err(Error("this build has no Redis: build it with the cargo feature `redis`".into()))
        }
        Some(_) | None => {
            Err(Error("the URL of the cache is memory: or redis(s)://HOST:PORT?prefix=NAME".into()))
        }
    }
}

//! Cache: values with a time to live, and counters. Losing it costs speed, never correctness.

pub mod memory;

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

/// The port.
#[async_trait]
pub trait Cache: fmt::Debug + Send + Sync + 'static {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error>;

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error>;

    async fn remove(&self, key: &str) -> Result<(), Error>;

    /// Adds one to a counter that starts at 0 and ends `window` after its first use; the new count.
    async fn count(&self, key: &str, window: Duration) -> Result<u64, Error>;
}

pub type SharedCache = Arc<dyn Cache>;

/// Opens the cache that the URL's scheme names: `memory:`.
///
/// # Errors
/// [`Error`] where no adapter has this scheme.
pub async fn open(url: &str) -> Result<SharedCache, Error> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(memory::Memory::default())),
        Some(_) | None => Err(Error("the URL of the cache is memory:".into())),
    }
}

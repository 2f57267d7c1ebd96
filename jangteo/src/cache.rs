//! The cache of a process that serves: which one, and what its health says of it.

use clap::Args;
use edge::health::Finding;
use storage::cache::{self, SharedCache};

use crate::failure::Failure;

/// The cache.
#[derive(Args, Clone, Debug, Default)]
pub struct CacheOptions {
    /// Cache: `memory:`, this process's own, or `redis(s)://HOST:PORT?prefix=NAME`, shared by the
    /// processes of one installation, which then count requests together [default: memory:]
    #[arg(long, value_name = "URL", env = "JANGTEO_CACHE", hide_env_values = true)]
    cache: Option<String>,
}

impl CacheOptions {
    #[must_use]
    pub const fn new(cache: Option<String>) -> Self {
        Self { cache }
    }

    /// A server that is away is no problem: it is done without, until it answers.
    ///
    /// # Errors
    /// The URL is of no cache that this program has.
    pub async fn open(&self) -> Result<SharedCache, Failure> {
        let opened = cache::open(self.cache.as_deref().unwrap_or("memory:")).await;
        opened.map_err(|error| {
            Failure::configuration(format!("--cache: {:#}", anyhow::Error::from(error)))
        })
    }
}

/// What this process shares with others: it keeps and counts for itself without a cache too.
pub(crate) fn shared(cache: &SharedCache) -> Option<SharedCache> {
    cache.is_shared().then(|| cache.clone())
}

/// Never a reason to send no requests: all of them are answered without it.
pub(crate) async fn health(cache: SharedCache) -> Finding {
    match (cache.is_shared(), cache.get("health").await) {
        (false, _) => Finding::Well("this process's own".to_owned()),
        (true, Ok(_)) => Finding::Well("shared".to_owned()),
        (true, Err(_)) => Finding::Degraded(
            "it does not answer: answers are slower, and each process limits requests by its own \
             count"
                .to_owned(),
        ),
    }
}

//! One quota: so many requests a minute, of each who is counted apart.
//!
//! Where processes share a cache they count in it, by windows of a minute that begin with the first
//! request. Without it, and while it does not answer, each process has an allowance of its own that
//! fills up again steadily: a client may then ask each process so often.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use metrics::counter;
use storage::cache::SharedCache;

use super::Who;

/// How many are remembered by this process; further ones share one allowance.
const KEYS_MAX: usize = 65_536;
/// How many requests lie between two looks at the number of keys.
const LOOK_EVERY: u32 = 1_024;
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Allowance {
    /// What is counted, as part of the cache's keys.
    name: String,
    per_minute: NonZeroU32,
    shared: Option<SharedCache>,
    own: Own,
}

impl Allowance {
    pub(super) fn new(name: String, per_minute: NonZeroU32, shared: Option<SharedCache>) -> Self {
        Self { name, per_minute, shared, own: Own::new(per_minute, KEYS_MAX) }
    }

    /// Uses up one request.
    ///
    /// # Errors
    /// There was none left; in how many seconds there is one.
    pub(super) async fn take(&self, who: Who) -> Result<(), u64> {
        let Some(cache) = &self.shared else { return self.own.take(who) };
        let Ok(counted) = cache.count(&format!("limit:{}:{who}", self.name), MINUTE).await else {
            counter!("rate_limit_cache_failures_total").increment(1);
            return self.own.take(who);
        };
        if counted.count <= self.per_minute.get().into() {
            return Ok(());
        }
        Err(counted.ends_in.as_secs().saturating_add(1))
    }
}

/// What this process counts by itself.
#[derive(Debug)]
struct Own {
    limiter: DefaultKeyedRateLimiter<Who>,
    clock: DefaultClock,
    asked: AtomicU32,
    full: AtomicBool,
    keys_max: usize,
}

impl Own {
    fn new(per_minute: NonZeroU32, keys_max: usize) -> Self {
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(per_minute)),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
            full: AtomicBool::new(false),
            keys_max,
        }
    }

    fn take(&self, who: Who) -> Result<(), u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.limiter.retain_recent();
            self.full.store(self.limiter.len() >= self.keys_max, Ordering::Relaxed);
        }
        let who = if self.full.load(Ordering::Relaxed) { Who::AnyOther } else { who };
        self.limiter
            .check_key(&who)
            .map_err(|until| until.wait_time_from(self.clock.now()).as_secs().saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn memory_stays_bounded_under_a_flood_of_addresses() {
        let own = Own::new(NonZeroU32::MIN, 100);
        let flood = (0..10_000_u32).map(|bits| Who::of_address(Ipv4Addr::from_bits(bits).into()));
        let refused = flood.filter(|who| own.take(*who).is_err());
        assert!(refused.count() > 8_000, "they share one allowance");
        assert!(own.limiter.len() <= usize::try_from(LOOK_EVERY).unwrap() + 101);
    }
}

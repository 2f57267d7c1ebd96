//! How often one address may ask.
//!
//! Limits: 100 requests a minute by default, all of which may come at once; 65,536 addresses are
//! remembered, further ones share one allowance. An IPv6 client is its /64 network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use crate::problem::{Code, Problem};

const ADDRESSES_MAX: usize = 65_536;
/// How many requests lie between two looks at the number of addresses.
const LOOK_EVERY: u32 = 1_024;

/// One allowance for each client address.
#[derive(Debug)]
pub(crate) struct RateLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    asked: AtomicU32,
    full: AtomicBool,
    addresses_max: usize,
}

impl RateLimit {
    /// `None` when there is no limit.
    pub(crate) fn per_minute(requests: u32) -> Option<Self> {
        Self::with_addresses_max(requests, ADDRESSES_MAX)
    }

    fn with_addresses_max(requests: u32, addresses_max: usize) -> Option<Self> {
        Some(Self {
            limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(NonZeroU32::new(requests)?)),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
            full: AtomicBool::new(false),
            addresses_max,
        })
    }

    /// Uses up one request of the address.
    pub(crate) fn admit(&self, address: IpAddr) -> Result<(), Problem> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.limiter.retain_recent();
            self.full.store(self.limiter.len() >= self.addresses_max, Ordering::Relaxed);
        }
        let key = if self.full.load(Ordering::Relaxed) {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        } else {
            network(address)
        };
        self.limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_secs().saturating_add(1);
            Problem::new(Code::RateLimited, "too many requests from this address").retry_after(wait)
        })
    }
}

/// One household has a /64 of IPv6, and could take a fresh address for each request.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Who asks, behind so many proxies of ours: each adds the address it was called from to the right
/// of `X-Forwarded-For`; what stands further left was written by the client and is not believed.
pub(crate) fn client_address(headers: &HeaderMap, peer: IpAddr, trusted_proxies: usize) -> IpAddr {
    let Some(from_right) = trusted_proxies.checked_sub(1) else {
        return peer;
    };
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let client = hops.iter().rev().nth(from_right).or(hops.first());
    client.and_then(|text| text.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(forwarded: &str, trusted_proxies: usize) -> IpAddr {
        let headers = HeaderMap::from_iter([(
            "x-forwarded-for".parse().unwrap(),
            forwarded.parse().unwrap(),
        )]);
        client_address(&headers, PEER, trusted_proxies)
    }

    #[test]
    fn the_hundred_and_first_request_of_a_minute_is_refused() {
        let limit = RateLimit::per_minute(100).unwrap();
        for _ in 0..100 {
            limit.admit(PEER).unwrap();
        }
        assert_eq!(limit.admit(PEER).unwrap_err().code(), "rate_limited");
        assert!(limit.admit(address("10.0.0.2")).is_ok(), "another address has its own");
    }

    #[test]
    fn a_network_has_one_allowance_however_many_addresses_it_takes() {
        let limit = RateLimit::per_minute(1).unwrap();
        limit.admit(address("2001:db8::1")).unwrap();
        assert!(limit.admit(address("2001:db8::2")).is_err());
        assert!(limit.admit(address("2001:db8:0:1::1")).is_ok());
        limit.admit(PEER).unwrap();
        assert!(limit.admit(address("::ffff:10.0.0.1")).is_err(), "the same address, mapped");
    }

    #[test]
    fn memory_stays_bounded_under_a_flood_of_addresses() {
        let limit = RateLimit::with_addresses_max(1, 100).unwrap();
        let refused = (0..10_000_u32)
            .filter(|bits| limit.admit(Ipv4Addr::from_bits(bits + 1).into()).is_err());
        assert!(refused.count() > 8_000, "they share one allowance");
        assert!(limit.limiter.len() <= usize::try_from(LOOK_EVERY).unwrap() + 101);
    }

    #[test]
    fn without_proxies_the_header_is_not_believed() {
        assert_eq!(client("1.2.3.4", 0), PEER);
    }

    #[test]
    fn behind_proxies_only_what_they_wrote_is_believed() {
        assert_eq!(client("6.6.6.6, 1.2.3.4", 1), address("1.2.3.4"));
        assert_eq!(client("6.6.6.6, 1.2.3.4, 10.0.0.9", 2), address("1.2.3.4"));
        assert_eq!(client("1.2.3.4", 2), address("1.2.3.4"), "a proxy was left out");
        assert_eq!(client("6.6.6.6, nonsense", 1), PEER);
        assert_eq!(client_address(&HeaderMap::new(), PEER, 1), PEER);
    }

    #[test]
    fn nought_is_no_limit() {
        assert!(RateLimit::per_minute(0).is_none());
    }
}

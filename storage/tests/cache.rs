//! The contract of `cache`, on every adapter.

#[cfg(test)]
#[path = "cache/contract.rs"]
mod contract;

#[cfg(test)]
#[cfg(all(feature = "redis", feature = "real"))]
#[path = "cache/redis.rs"]
mod redis;

#[cfg(test)]
#[cfg(all(feature = "redis", feature = "real"))]
#[path = "tls/trust.rs"]
mod trust;

#[cfg(test)]
mod memory {
    use std::time::Duration;

    use bytes::Bytes;
    use storage::cache::{SharedCache, open};

    use super::contract;

    async fn a_cache() -> ((), SharedCache) {
        ((), open("memory:").await.unwrap())
    }

    contract::run_on!(a_cache);

    #[tokio::test]
    async fn its_size_is_bounded() {
        let cache = open("memory:").await.unwrap();
        let value = Bytes::from(vec![0; 1 << 20]);
        for number in 0..100 {
            let hour = Duration::from_secs(3_600);
            cache.put(&number.to_string(), value.clone(), hour).await.unwrap();
        }
        let held = || async {
            let mut held = 0;
            for number in 0..100 {
                held += usize::from(cache.get(&number.to_string()).await.unwrap().is_some());
            }
            held
        };
        contract::eventually("at most 32 MiB are held", || async { held().await <= 32 }).await;
        assert!(held().await > 0);
    }

    #[tokio::test]
    async fn another_scheme_is_refused() {
        for url in ["redis:", "rediss:", "http://x", "memory", "memory:x", ""] {
            assert!(open(url).await.is_err(), "{url}");
        }
    }
}

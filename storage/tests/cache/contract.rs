//! Values, their expiry, and counters.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use storage::cache::{SharedCache, VALUE_BYTES_MAX};

/// Runs the whole contract on the cache that a constructor gives, with a guard to keep beside it.
macro_rules! run_on {
    ($open:ident) => {
        $crate::contract::run_on! { $open:
            a_value_is_there_until_removed_or_replaced
            a_value_expires
            a_replaced_value_lives_by_its_own_time
            a_value_that_is_too_large_is_not_kept
            counting_is_exact_under_concurrency
            a_counter_ends_with_its_window
            a_counter_says_when_it_ends
            counters_and_values_are_apart
            odd_keys_are_only_keys
        }
    };
    ($open:ident: $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let (_guard, cache) = $open().await;
            $crate::contract::$name(cache).await;
        })*
    };
}
pub(crate) use run_on;

const BRIEF: Duration = Duration::from_millis(40);
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::task::yield_now().await;
    }
}

async fn get(cache: &SharedCache, key: &str) -> Option<Bytes> {
    cache.get(key).await.unwrap()
}

async fn put(cache: &SharedCache, key: &str, value: &'static str, time_to_live: Duration) {
    cache.put(key, Bytes::from_static(value.as_bytes()), time_to_live).await.unwrap();
}

async fn count(cache: &SharedCache, key: &str, window: Duration) -> u64 {
    cache.count(key, window).await.unwrap().count
}

pub(crate) async fn a_value_is_there_until_removed_or_replaced(cache: SharedCache) {
    assert_eq!(get(&cache, "k").await, None);
    put(&cache, "k", "one", HOUR).await;
    put(&cache, "k", "two", HOUR).await;
    put(&cache, "other", "", HOUR).await;
    assert_eq!(get(&cache, "k").await, Some(Bytes::from_static(b"two")));
    assert_eq!(get(&cache, "other").await, Some(Bytes::new()));
    cache.remove("k").await.unwrap();
    cache.remove("k").await.unwrap();
    assert_eq!(get(&cache, "k").await, None);
}

pub(crate) async fn a_value_expires(cache: SharedCache) {
    let put_at = Instant::now();
    put(&cache, "brief", "x", BRIEF).await;
    put(&cache, "long", "x", HOUR).await;
    eventually("the value expires", || async { get(&cache, "brief").await.is_none() }).await;
    assert!(put_at.elapsed() >= BRIEF - Duration::from_millis(10));
    assert!(get(&cache, "long").await.is_some());
}

pub(crate) async fn a_replaced_value_lives_by_its_own_time(cache: SharedCache) {
    put(&cache, "k", "long", HOUR).await;
    put(&cache, "k", "brief", BRIEF).await;
    eventually("the value expires", || async { get(&cache, "k").await.is_none() }).await;
    put(&cache, "k", "brief", BRIEF).await;
    put(&cache, "k", "long", HOUR).await;
    put(&cache, "clock", "x", BRIEF).await;
    eventually("time passes", || async { get(&cache, "clock").await.is_none() }).await;
    assert!(get(&cache, "k").await.is_some());
}

pub(crate) async fn a_value_that_is_too_large_is_not_kept(cache: SharedCache) {
    put(&cache, "k", "small", HOUR).await;
    let large = Bytes::from(vec![0; VALUE_BYTES_MAX + 1]);
    cache.put("k", large, HOUR).await.unwrap();
    assert_eq!(get(&cache, "k").await, None);
    let largest = Bytes::from(vec![0; VALUE_BYTES_MAX]);
    cache.put("k", largest.clone(), HOUR).await.unwrap();
    assert_eq!(get(&cache, "k").await, Some(largest));
}

pub(crate) async fn counting_is_exact_under_concurrency(cache: SharedCache) {
    let counts = join_all((0..500).map(|_| cache.count("k", HOUR))).await;
    let mut counts: Vec<u64> = counts.into_iter().map(|counted| counted.unwrap().count).collect();
    counts.sort_unstable();
    assert!(counts.into_iter().eq(1..=500));
    assert_eq!(count(&cache, "other", HOUR).await, 1);
}

pub(crate) async fn a_counter_ends_with_its_window(cache: SharedCache) {
    let first = Instant::now();
    let mut last = count(&cache, "k", BRIEF).await;
    assert_eq!(last, 1);
    // Counting on does not lengthen the window.
    loop {
        let count = count(&cache, "k", HOUR).await;
        if count == 1 {
            break;
        }
        assert_eq!(count, last + 1);
        assert!(first.elapsed() < Duration::from_secs(10), "the window never ended");
        last = count;
    }
    assert!(first.elapsed() >= BRIEF - Duration::from_millis(10));
    assert_eq!(count(&cache, "k", BRIEF).await, 2);
}

pub(crate) async fn a_counter_says_when_it_ends(cache: SharedCache) {
    let first = Instant::now();
    let mut last = cache.count("k", HOUR).await.unwrap().ends_in;
    assert!(last <= HOUR, "{last:?}");
    loop {
        // The window is that of the first count.
        let ends_in = cache.count("k", BRIEF).await.unwrap().ends_in;
        assert!(ends_in <= last, "{ends_in:?} after {last:?}");
        let gone = HOUR - ends_in;
        assert!(gone <= first.elapsed() + Duration::from_millis(10), "{gone:?}");
        if gone >= BRIEF {
            break;
        }
        assert!(first.elapsed() < Duration::from_secs(10), "it never came nearer");
        last = ends_in;
    }
}

pub(crate) async fn counters_and_values_are_apart(cache: SharedCache) {
    put(&cache, "k", "value", HOUR).await;
    assert_eq!(count(&cache, "k", HOUR).await, 1);
    assert_eq!(get(&cache, "k").await, Some(Bytes::from_static(b"value")));
    cache.remove("k").await.unwrap();
    assert_eq!(count(&cache, "k", HOUR).await, 2);
}

pub(crate) async fn odd_keys_are_only_keys(cache: SharedCache) {
    let keys = ["", " ", "k\r\nDEL x", "*", "{x}", "장터", "a\0b"];
    for key in keys {
        put(&cache, key, "x", HOUR).await;
    }
    cache.remove("*").await.unwrap();
    for key in keys {
        assert_eq!(get(&cache, key).await.is_some(), key != "*", "{key:?}");
    }
}

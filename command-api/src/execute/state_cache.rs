//! Folded states by stream, so that a command on a known stream need not read the log.
//!
//! Bounded: two generations, of which the older is dropped whole when the younger is full.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

use events_schema::stream::StreamId;

use super::batch::Folded;

const GENERATION_MAX: usize = 16_384;

#[derive(Default)]
pub(super) struct StateCache(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<StreamId, Folded>,
    old: HashMap<StreamId, Folded>,
}

impl StateCache {
    pub(super) fn get(&self, stream: StreamId) -> Option<Folded> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folded) = generations.young.get(&stream) {
            return Some(folded.clone());
        }
        let folded = generations.old.remove(&stream)?;
        generations.put(stream, folded.clone());
        Some(folded)
    }

    /// Keeps durable states. An older one never replaces a newer one.
    pub(super) fn put_all(&self, states: impl IntoIterator<Item = (StreamId, Folded)>) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (stream, folded) in states {
            generations.put(stream, folded);
        }
    }
}

impl Generations {
    fn put(&mut self, stream: StreamId, folded: Folded) {
        let known = self.young.get(&stream).or_else(|| self.old.get(&stream));
        if known.is_some_and(|known| known.version > folded.version) {
            return;
        }
        if self.young.len() >= GENERATION_MAX {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(stream, folded);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use events_schema::envelope::Version;
    use events_schema::ids::OrderId;
    use uuid::Uuid;

    use super::*;

    fn stream(n: usize) -> StreamId {
        StreamId::Order(OrderId::new(Uuid::from_u128(u128::try_from(n).unwrap())))
    }

    fn at(version: u64) -> Folded {
        Folded { version: Version(version), state: Arc::new(()) }
    }

    #[test]
    fn keeps_what_is_used_and_never_more_than_two_generations() {
        let cache = StateCache::default();
        for n in 0..10 * GENERATION_MAX {
            cache.put_all([(stream(n), at(1))]);
            assert!(cache.get(stream(0)).is_some());
        }
        let generations = cache.0.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION_MAX);
        drop(generations);
        assert!(cache.get(stream(1)).is_none());
    }

    #[test]
    fn an_older_state_never_replaces_a_newer_one() {
        let cache = StateCache::default();
        cache.put_all([(stream(1), at(2)), (stream(1), at(1))]);
        assert_eq!(cache.get(stream(1)).unwrap().version, Version(2));
    }
}

//! The one door through which time, ids and randomness come in, so that a run can be repeated.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use events_schema::time::Timestamp;
use rand::rngs::ChaCha12Rng;
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// The outside world as the product sees it. Cheap to clone; clones share one source.
#[derive(Clone)]
pub struct World(Arc<Mutex<Source>>);

struct Source {
    clock: Clock,
    random: ChaCha12Rng,
}

enum Clock {
    System,
    /// Stands still until it is moved.
    Simulated(Timestamp),
}

impl World {
    /// The machine's clock and entropy.
    #[must_use]
    pub fn system() -> Self {
        let mut seed = [0; 32];
        // Without entropy no id and no key is safe: the process must not go on.
        #[expect(clippy::expect_used, reason = "no safe way to go on without entropy")]
        getrandom::fill(&mut seed).expect("the operating system gives entropy");
        Self::new(Clock::System, ChaCha12Rng::from_seed(seed))
    }

    /// A world that begins at `start` and gives the same ids and bytes for the same seed.
    #[must_use]
    pub fn simulated(seed: u64, start: Timestamp) -> Self {
        Self::new(Clock::Simulated(start), ChaCha12Rng::seed_from_u64(seed))
    }

    fn new(clock: Clock, random: ChaCha12Rng) -> Self {
        Self(Arc::new(Mutex::new(Source { clock, random })))
    }

    fn with<T>(&self, read: impl FnOnce(&mut Source) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with(|source| source.clock.now())
    }

    /// A fresh version 7 UUID: ids sort by the time they were made.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.with(|source| {
            let millis = u64::try_from(source.clock.now().as_unix_micros() / 1_000).unwrap_or(0);
            let mut random = [0; 10];
            source.random.fill_bytes(&mut random);
            Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
        })
    }

    /// Fills `bytes` with randomness fit for keys and nonces.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.with(|source| source.random.fill_bytes(bytes));
    }

    /// Moves a simulated clock. The machine's own clock is left alone.
    pub fn advance_to(&self, now: Timestamp) {
        self.with(|source| {
            if let Clock::Simulated(at) = &mut source.clock {
                *at = now.max(*at);
            }
        });
    }
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::from_unix_micros(jiff::Timestamp::now().as_microsecond()),
            Self::Simulated(at) => *at,
        }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let world = World::simulated(seed, Timestamp::EPOCH);
            (0..10).map(|_| world.uuid()).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn a_simulated_clock_only_moves_when_told_and_never_back() {
        let world = World::simulated(1, Timestamp::EPOCH);
        let later = Timestamp::EPOCH.plus_seconds(60);
        world.advance_to(later);
        world.advance_to(Timestamp::EPOCH);
        assert_eq!(world.now(), later);
    }
}

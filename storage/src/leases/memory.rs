//! Leases of one process: its tasks take turns, and nobody else is there.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::Position;
use tokio::time::Instant;

use super::{Error, Lease, Leases};

/// The adapter.
#[derive(Debug)]
pub struct MemoryLeases {
    life: Duration,
    held: Mutex<BTreeMap<String, Held>>,
}

#[derive(Clone, Debug)]
struct Held {
    holder: String,
    token: u64,
    expires_at: Instant,
    position: Position,
}

impl MemoryLeases {
    #[must_use]
    pub const fn new(life: Duration) -> Self {
        Self { life, held: Mutex::new(BTreeMap::new()) }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn hold(&self, holder: &str, names: &[String]) -> Result<Vec<Lease>, Error> {
        let (now, mut held, mut leases) = (Instant::now(), self.lock(), vec![]);
        for name in names {
            let known = held.get(name).cloned();
            let is_live = known.as_ref().is_some_and(|known| known.expires_at > now);
            let is_mine = known.as_ref().is_some_and(|known| known.holder == holder);
            if is_live && !is_mine {
                continue;
            }
            let (token, position) =
                known.map_or((0, Position(0)), |known| (known.token, known.position));
            let token = if is_live { token } else { token.saturating_add(1) };
            let expires_at = now + self.life;
            held.insert(
                name.clone(),
                Held { holder: holder.to_owned(), token, expires_at, position },
            );
            leases.push(Lease { name: name.clone(), token, position });
        }
        leases.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(leases)
    }

    async fn release(&self, holder: &str, names: &[String]) -> Result<(), Error> {
        let mut held = self.lock();
        for name in names {
            if let Some(known) = held.get_mut(name).filter(|known| known.holder == holder) {
                known.expires_at = Instant::now();
            }
        }
        Ok(())
    }

    async fn note(&self, lease: &Lease, position: Position) -> Result<bool, Error> {
        let mut held = self.lock();
        let known = held.get_mut(&lease.name).filter(|known| known.token == lease.token);
        Ok(known.map(|known| known.position = position).is_some())
    }

    async fn holders(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let (now, held) = (Instant::now(), self.lock());
        let live =
            held.iter().filter(|(name, held)| name.starts_with(prefix) && held.expires_at > now);
        Ok(live.map(|(name, held)| (name.clone(), held.holder.clone())).collect())
    }
}

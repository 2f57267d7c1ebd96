//! What the edge needs to know, made once at start and shared by every request.

use std::fmt;
use std::sync::Arc;

use storage::cache::SharedCache;
use storage::world::World;
use tokio_util::task::TaskTracker;

use crate::cursor::Cursors;
use crate::fingerprint::Fingerprints;
use crate::limit::{Limits, RouteLimit};
use crate::secret::Secret;
use crate::token::Keys;

/// Limits that hold for each request. See [`crate::server::Config`] for those of connections.
#[derive(Clone, Debug)]
pub struct Config {
    /// For each client address, and for each person; 0 is no limit.
    pub requests_per_minute: u32,
    /// For each client of these routes, besides.
    pub route_limits: Vec<RouteLimit>,
    /// Where requests are counted together with other processes; `None` counts those of this one.
    pub shared_cache: Option<SharedCache>,
    /// How many proxies of ours stand before us, each of which adds to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    pub body_bytes_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            requests_per_minute: 100,
            route_limits: Vec::new(),
            shared_cache: None,
            trusted_proxies: 0,
            body_bytes_max: 2 * 1024 * 1024,
        }
    }
}

/// Cheap to clone; clones share one state. Every request carries it as an extension.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    world: World,
    keys: Keys,
    cursors: Cursors,
    fingerprints: Fingerprints,
    limits: Limits,
    config: Config,
    commands: TaskTracker,
}

impl Edge {
    #[must_use]
    pub fn new(world: World, keys: Keys, secret: &Secret, config: Config) -> Self {
        let (per_minute, shared) = (config.requests_per_minute, config.shared_cache.as_ref());
        let limits = Limits::new(per_minute, &config.route_limits, shared);
        Self(Arc::new(Inner {
            world,
            keys,
            cursors: Cursors::new(secret),
            fingerprints: Fingerprints::new(secret),
            limits,
            config,
            commands: TaskTracker::new(),
        }))
    }

    #[must_use]
    pub fn world(&self) -> &World {
        &self.0.world
    }

    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    #[must_use]
    pub fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    #[must_use]
    pub fn fingerprints(&self) -> &Fingerprints {
        &self.0.fingerprints
    }

    /// The commands that are running. Shutdown closes it and waits for it.
    #[must_use]
    pub fn commands(&self) -> &TaskTracker {
        &self.0.commands
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").field("config", &self.0.config).finish_non_exhaustive()
    }
}

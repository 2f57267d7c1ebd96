//! The product's own server on a free port of this machine, without a rate limit.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use edge::token::{Caller, Keys};
use events_schema::envelope::Role;
use events_schema::ids::PersonId;
use projector::progress::Views;
use storage::documents::Stored;
use storage::documents::watched::Watch;
use storage::event_log;
use storage::world::World;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cache::CacheOptions;
use crate::failure::Failure;
use crate::secrets;
use crate::service::{self, HttpOptions, Roles, Service};
use crate::stores::{Access, BusOptions, StoreOptions, Stores, Urls};

const TOKEN_SECONDS: u32 = 24 * 60 * 60;

/// When each document was first stored, by its id.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Arc<Mutex<HashMap<String, Instant>>>);

impl Seen {
    /// `None` where it never was.
    pub(super) fn at(&self, id: &str) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }
}

impl Watch for Seen {
    fn after_put(&self, documents: &[Stored]) {
        let (mut seen, now) =
            (self.0.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        for document in documents {
            seen.entry(document.id.clone()).or_insert(now);
        }
    }
}

/// A server, and what it stores things in.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) stores: Stores,
    pub(super) views: Views,
    pub(super) seen: Seen,
    keys: Keys,
    world: World,
    shutdown: CancellationToken,
    served: JoinHandle<Result<(), Failure>>,
    _folder: TempDir,
}

impl Site {
    /// Serves these roles on stores of its own, in a folder that goes with it. `log` is the event
    /// log's URL, where it is not to be embedded.
    pub(super) async fn start(
        roles: Roles,
        log: Option<String>,
        world: &World,
    ) -> anyhow::Result<Self> {
        Self::on(roles, Urls { log, ..Urls::default() }, BusOptions::default(), world).await
    }

    /// The same on servers, where they are named.
    pub(super) async fn on(
        roles: Roles,
        urls: Urls,
        bus: BusOptions,
        world: &World,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = StoreOptions::in_folder(folder.path(), urls);
        event_log::migrate(&options.log_url()).await?;
        let http = HttpOptions {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            cache: CacheOptions::default(),
            requests_per_minute: 0,
            route_limits: vec![],
            trusted_proxies: 0,
            connections_max: 4_096,
        };
        let kept = (&options, &bus, &http.cache);
        let stores =
            Stores::serving(roles.needs(Access::Write), kept, world).await.map_err(broken)?;
        let seen = Seen::default();
        let stores = stores.watched(seen.clone());
        let listener = service::listen(http.listen).await.map_err(broken)?;
        let address = listener.local_addr()?;
        let parts = service::Options { stores: &options, bus: &bus, http: &http };
        let service = Service::start(roles, &stores, parts, world).await;
        let service = service.map_err(broken)?;
        let (views, shutdown) = (service.views.clone(), service.shutdown.clone());
        let served = TaskTracker::new().spawn(service.serve(listener, || ()));
        let keys = secrets::token_keys(folder.path(), world).map_err(broken)?;
        let world = world.clone();
        Ok(Self { address, stores, views, seen, keys, world, shutdown, served, _folder: folder })
    }

    /// A new buyer's token.
    pub(super) fn buyer(&self) -> anyhow::Result<String> {
        let person_id = PersonId::new(self.world.uuid());
        let caller = Caller { person_id, roles: vec![Role::Buyer], seller_id: None };
        Ok(self.keys.issue(&caller, TOKEN_SECONDS, self.world.now())?)
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.served.await?.map_err(broken)?;
        self.stores.log.close().await;
        Ok(())
    }
}

/// A failure of another command, as a cause.
pub(super) fn broken(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Broken(error) => error,
        Failure::Configuration(problems) => anyhow::anyhow!(problems.join("; ")),
    }
}

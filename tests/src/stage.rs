//! The whole product in this process: every role, real stores, a real socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use edge::server;
use edge::token::Keys;
use events_schema::envelope::{Payload, Position, Recorded, Role};
use jangteo::cache::CacheOptions;
use jangteo::secrets;
use jangteo::service::{HttpOptions, Options, Roles, Service};
use jangteo::stores::{Access, BusOptions, StoreOptions, Stores};
use projector::progress::Views;
use serde_json::Value;
use storage::event_log::{self, Filter, READ_MAX};
use storage::world::World;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::{self, Reply};
use crate::person::Person;
use crate::stack::{Places, Stack};
use crate::wait::eventually;

/// A running product. It ends with the test.
#[derive(Debug)]
pub struct Stage {
    pub address: SocketAddr,
    pub stores: Stores,
    pub views: Views,
    pub world: World,
    pub keys: Keys,
    admin: Person,
    folder: TempDir,
    shutdown: CancellationToken,
    /// Up to where this client has heard of the log.
    seen: Mutex<Option<String>>,
}

impl Stage {
    /// On embedded stores, without a limit on requests.
    pub async fn embedded() -> Self {
        Self::on(Stack::Embedded).await
    }

    /// # Panics
    /// When a store cannot be opened.
    pub async fn on(stack: Stack) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Places { urls, bus, cache } = stack.places(folder.path()).await;
        let store_options = StoreOptions::in_folder(folder.path(), urls);
        let bus_options = BusOptions::new(bus);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let http_options = HttpOptions {
            listen,
            cache: CacheOptions::new(cache),
            requests_per_minute: 0,
            route_limits: vec![],
            trusted_proxies: 0,
            connections_max: 256,
        };
        event_log::migrate(&store_options.log_url()).await.unwrap();
        let world = World::system();
        let kept = (&store_options, &bus_options, &http_options.cache);
        let roles = Roles { relay: bus_options.needs_relay(), ..Roles::EMBEDDED };
        let stores = Stores::serving(roles.needs(Access::Write), kept, &world).await.unwrap();
        let options = Options { stores: &store_options, bus: &bus_options, http: &http_options };
        let service = Service::start(roles, &stores, options, &world);
        let Service { app, views, shutdown, .. } = service.await.unwrap();
        let listener = TcpListener::bind(listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = server::serve(listener, app, server::Config::default(), shutdown.clone());
        TaskTracker::new().spawn(served);
        let keys = secrets::token_keys(folder.path(), &world).unwrap();
        let admin = Person::somebody(&keys, &world, &[Role::Admin]);
        let stage = Self {
            address,
            stores,
            views,
            world,
            keys,
            admin,
            folder,
            shutdown,
            seen: Mutex::default(),
        };
        eventually("every view is live", async || stage.views.is_ready().then_some(())).await;
        stage
    }

    #[must_use]
    pub const fn admin(&self) -> &Person {
        &self.admin
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Somebody new with these roles.
    #[must_use]
    pub fn somebody(&self, roles: &[Role]) -> Person {
        Person::somebody(&self.keys, &self.world, roles)
    }

    #[must_use]
    pub fn a_buyer(&self) -> Person {
        self.somebody(&[Role::Buyer])
    }

    #[must_use]
    pub fn key(&self) -> String {
        self.world.uuid().to_string()
    }

    /// As it is, with these headers.
    pub async fn send(
        &self,
        person: Option<&Person>,
        route: (&str, &str),
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let mut all = headers.to_vec();
        let bearer = person.map(Person::bearer);
        if let Some(bearer) = &bearer {
            all.push(("authorization", bearer));
        }
        let mut bytes = vec![];
        if !body.is_null() {
            all.push(("content-type", "application/json"));
            bytes = body.to_string().into_bytes();
        }
        http::send(self.address, route, &all, &bytes).await
    }

    /// A command under a key of its own. What comes after it sees it.
    pub async fn command(&self, person: &Person, route: (&str, &str), body: Value) -> Reply {
        let key = self.key();
        let reply = self.send(Some(person), route, &[("idempotency-key", &key)], &body).await;
        if let Some(place) = reply.find("jangteo-position") {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
        }
        reply
    }

    pub async fn post(&self, person: &Person, path: &str, body: Value) -> Reply {
        self.command(person, ("POST", path), body).await
    }

    /// Reads what this client has written, however long the views take to get there.
    pub async fn get(&self, person: &Person, path: &str) -> Reply {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let headers: Vec<_> =
            seen.iter().map(|place| ("jangteo-min-position", place.as_str())).collect();
        eventually("the views get there", async || {
            let reply = self.send(Some(person), ("GET", path), &headers, &Value::Null).await;
            (reply.status != 412).then_some(reply)
        })
        .await
    }

    /// The whole history.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn events(&self) -> Vec<Recorded<Payload>> {
        let read = self.stores.log.read(Position(0), &Filter::default(), READ_MAX).await;
        read.unwrap().events
    }

    /// # Panics
    /// When the log cannot be read.
    pub async fn head(&self) -> Position {
        self.stores.log.head().await.unwrap().position
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

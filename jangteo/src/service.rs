//! One process's roles, put together and served until it is told to stop.

mod health;
mod relay;

use std::net::SocketAddr;

use clap::Args;
use command_api::execute::Executor;
use command_api::forget::forget_keys;
use command_api::state::CommandApi;
use edge::app::App;
use edge::limit::RouteLimit;
use edge::policy::Routes;
use edge::state::{Config, Edge};
use edge::{server, token};
use projector::follow::follow;
use projector::progress::Views;
use projector::{Ports, Projector};
use query_api::state::{Queries, Sources};
use storage::cache::SharedCache;
use storage::world::World;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cache::CacheOptions;
use crate::failure::Failure;
use crate::output::say;
use crate::stores::{Access, BusOptions, Needs, StoreOptions, Stores};
use crate::{bootstrap, cache, measure, secrets};

/// How HTTP is served.
#[derive(Args, Clone, Debug)]
pub struct HttpOptions {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "JANGTEO_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    #[command(flatten)]
    pub cache: CacheOptions,

    /// Requests a minute of one client address, and of one person; 0 is no limit
    #[arg(long, value_name = "N", env = "JANGTEO_REQUESTS_PER_MINUTE", default_value_t = 100)]
    pub requests_per_minute: u32,

    /// Requests a minute of one client to one route, as `POST /orders=20`; may be repeated
    #[arg(
        long = "route-limit",
        value_name = "ROUTE=N",
        env = "JANGTEO_ROUTE_LIMITS",
        value_delimiter = ','
    )]
    pub route_limits: Vec<RouteLimit>,

    /// Proxies of yours in front, each of which adds to `X-Forwarded-For`
    #[arg(long, value_name = "N", env = "JANGTEO_TRUSTED_PROXIES", default_value_t = 0)]
    pub trusted_proxies: usize,

    /// Connections served at once; more wait
    #[arg(long, value_name = "N", env = "JANGTEO_CONNECTIONS_MAX", default_value_t = 4_096)]
    pub connections_max: usize,
}

/// Which parts of the product a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub commands: bool,
    pub queries: bool,
    pub views: bool,
    /// Publishes the log to Kafka.
    pub relay: bool,
}

impl Roles {
    /// All that an embedded process does.
    pub const EMBEDDED: Self = Self { commands: true, queries: true, views: true, relay: false };
    pub const COMMANDS: Self = Self { commands: true, queries: false, views: false, relay: false };

    /// What stores the roles use, and what for.
    #[must_use]
    pub const fn needs(self, log: Access) -> Needs {
        let views = match (self.views, self.queries) {
            (true, _) => Some(Access::Write),
            (false, true) => Some(Access::Read),
            (false, false) => None,
        };
        Needs { log, views, keys: self.commands || self.queries }
    }
}

/// What was typed for it.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub stores: &'a StoreOptions,
    pub bus: &'a BusOptions,
    pub http: &'a HttpOptions,
}

/// A process's parts, running.
#[derive(Debug)]
pub struct Service {
    pub app: App,
    pub views: Views,
    pub tracker: TaskTracker,
    pub shutdown: CancellationToken,
    config: server::Config,
}

impl Service {
    /// Puts the roles together. Nothing listens yet.
    ///
    /// # Errors
    /// When a store, a secret or a view cannot be used.
    pub async fn start(
        roles: Roles,
        stores: &Stores,
        options: Options<'_>,
        world: &World,
    ) -> Result<Self, Failure> {
        let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
        // Before anything begins that counts.
        edge::metrics::recorder()?;
        let projected = if roles.views {
            let ports = stores.views()?;
            Some(Projector::start(ports, tracker.clone(), shutdown.clone()).views().clone())
        } else {
            None
        };
        // Of a bus that processes share, each knows its own part of the views only.
        let views = match &projected {
            Some(projected) if !options.bus.needs_relay() => projected.clone(),
            Some(_) | None if roles.views || roles.queries => {
                follow(stores.views()?, projected.as_ref(), &tracker, shutdown.clone())
            }
            // Nobody here asks how far they are.
            Some(_) | None => Views::default(),
        };
        let cache = stores.cache.clone();
        let shared_cache = cache::shared(&cache);
        let edge = edge(options.stores, options.http, shared_cache.clone(), world)?;
        let mut routes = Routes::new(&edge);
        if roles.commands {
            let tracker = edge.commands().clone();
            let executor = Executor::new(stores.log.clone(), world.clone(), tracker);
            bootstrap::first_policies(&executor, world).await?;
            let api = CommandApi::new(executor, stores.sealer()?);
            routes = routes.merge(command_api::routes::routes(&edge, api));
        }
        if roles.queries {
            let Ports { log, documents, search, .. } = stores.views()?;
            let (sealer, views) = (stores.sealer()?, views.clone());
            let sources = Sources { log, documents, search, sealer, views, shared_cache };
            let queries =
                Queries::new(&edge, sources, query_api::state::Config::default(), shutdown.clone());
            routes = routes.merge(query_api::routes::routes(&edge, queries));
        }
        tell_limits_of_no_route(&options.http.route_limits, &routes);
        let health = health::of(roles, (&stores.log, &views), projected.as_ref(), world);
        let mut health = health.check("cache", move || cache::health(cache.clone()));
        if roles.queries {
            health = health::of_search(health, stores.views()?.search, views.clone());
        }
        if roles.commands || roles.queries {
            health = health::of_keys(health, stores.sealer()?);
        }
        if roles.relay {
            health = relay::start(stores, options.bus, (&tracker, &shutdown), health).await?;
        }
        let app = App::new(routes, health, "jangteo")?;
        tracker.spawn(measure::watch(stores.clone(), world.now(), shutdown.clone()));
        if roles.commands {
            tracker.spawn(forget_keys(stores.log.clone(), shutdown.clone()));
        }
        let config = server::Config {
            connections_max: options.http.connections_max,
            ..server::Config::default()
        };
        Ok(Self { app, views, tracker, shutdown, config })
    }

    /// Calls `ready` once a signal no longer kills it, serves until the process is told to stop,
    /// then drains what is running.
    ///
    /// # Errors
    /// When signals cannot be listened to.
    pub async fn serve(self, listener: TcpListener, ready: impl FnOnce()) -> Result<(), Failure> {
        let stop = self.shutdown.clone();
        let mut terminate = signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut interrupt = signal(tokio::signal::unix::SignalKind::interrupt())?;
        ready();
        self.tracker.spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = stop.cancelled() => {}
            }
            stop.cancel();
        });
        server::serve(listener, self.app, self.config, self.shutdown.clone()).await;
        self.shutdown.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        say("stopped");
        Ok(())
    }
}

fn signal(kind: tokio::signal::unix::SignalKind) -> Result<tokio::signal::unix::Signal, Failure> {
    Ok(tokio::signal::unix::signal(kind)?)
}

/// Binds, with an answer that an operator can act on.
///
/// # Errors
/// When the address is taken or not this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Failure::configuration(format!("--listen {address}: {error}")))
}

/// A route of another role is none of this process's, so that one configuration serves all roles.
fn tell_limits_of_no_route(limits: &[RouteLimit], routes: &Routes) {
    for RouteLimit { method, route, .. } in limits {
        let is_this =
            |(path, of, _)| path == route.as_str() && method.as_str().eq_ignore_ascii_case(of);
        if !routes.policies().any(is_this) {
            say(&format!("--route-limit: {method} {route} is no route served here"));
        }
    }
}

fn edge(
    stores: &StoreOptions,
    http: &HttpOptions,
    shared_cache: Option<SharedCache>,
    world: &World,
) -> Result<Edge, Failure> {
    let keys: token::Keys = secrets::token_keys(stores.data(), world)?;
    let secret = secrets::edge_secret(stores.data(), world)?;
    let config = Config {
        requests_per_minute: http.requests_per_minute,
        route_limits: http.route_limits.clone(),
        shared_cache,
        trusted_proxies: http.trusted_proxies,
        ..Config::default()
    };
    Ok(Edge::new(world.clone(), keys, &secret, config))
}

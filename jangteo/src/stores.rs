//! Opens the stores that a command uses, and says all that is wrong with them at once.

mod alone;
mod options;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use projector::Ports;
use projector::progress::{Health, Views};
use storage::bus::SharedBus;
use storage::bus::tail::TailBus;
use storage::cache::SharedCache;
use storage::cache::memory::Memory;
use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::keys::SharedKeys;
use storage::leases::SharedLeases;
use storage::search::SharedSearch;
use storage::world::World;
use storage::{bus, documents, event_log, keys, leases, search};

pub use self::alone::alone;
use self::options::Place;
pub use self::options::{BusOptions, LogOptions, StoreOptions, TableOptions, Urls, ViewOptions};
use crate::cache::CacheOptions;
use crate::failure::{Failure, both};
use crate::output::Output;

/// How often the views are asked how far they are.
const POLL: Duration = Duration::from_millis(10);

/// What is done to the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read, beside a process that may write.
    Read,
    Write,
    /// Written, its tables brought to this program's level first.
    Begin,
}

/// Every store, opened.
#[derive(Clone, Debug)]
pub struct Stores {
    pub log: SharedLog,
    pub documents: SharedDocuments,
    pub search: SharedSearch,
    pub keys: SharedKeys,
    pub bus: SharedBus,
    pub cache: SharedCache,
    pub leases: SharedLeases,
    /// What this process is called where several take turns; no other has the name.
    pub holder: String,
    world: World,
}

impl Stores {
    /// What views are fed from and stored in.
    #[must_use]
    pub fn views(&self) -> Ports {
        Ports {
            log: self.log.clone(),
            bus: self.bus.clone(),
            documents: self.documents.clone(),
            search: self.search.clone(),
            leases: self.leases.clone(),
            holder: self.holder.clone(),
            world: self.world.clone(),
        }
    }

    /// To be written.
    ///
    /// # Errors
    /// As [`Self::with`].
    pub async fn open(options: &StoreOptions, world: &World) -> Result<Self, Failure> {
        Self::with(Access::Write, options, world).await
    }

    /// # Errors
    /// All that is wrong with the configuration, at once.
    pub async fn with(
        access: Access,
        options: &StoreOptions,
        world: &World,
    ) -> Result<Self, Failure> {
        if let Some(failure) = no_history(access, &options.views.log) {
            return Err(failure.and(check(options, world).await));
        }
        let ports = ports(access, &options.views, world).await;
        let (ports, keys) = both(ports, keys(options, world).await)?;
        let Ports { log, documents, search, bus, leases, holder, world } = ports;
        let cache = Arc::new(Memory::default());
        Ok(Self { log, documents, search, keys, bus, cache, leases, holder, world })
    }

    /// Of a process that serves: with its bus and cache, taking turns with others on the same log.
    ///
    /// # Errors
    /// All that is wrong with the configuration, at once.
    pub async fn serving(
        access: Access,
        (options, bus, cache): (&StoreOptions, &BusOptions, &CacheOptions),
        world: &World,
    ) -> Result<Self, Failure> {
        let stores = Self::with(access, options, world).await;
        let (stores, cache) = both(stores, cache.open().await)?;
        let (log, place) = (options.views.log.events(), bus.place());
        let opened = bus::open(&place.url, stores.log.clone()).await;
        let opened = opened.map_err(|error| place.problem(&error));
        let leases = leases::open(&log.url, leases::LIFE).await;
        let (bus, leases) = both(opened, leases.map_err(|error| log.problem(&error)))?;
        let holder = format!("{}-{}", std::process::id(), world.uuid());
        Ok(Self { bus, cache, leases, holder, ..stores })
    }
}

/// What views are fed from and stored in, without the keys.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn views(access: Access, options: &ViewOptions, world: &World) -> Result<Ports, Failure> {
    if let Some(failure) = no_history(access, &options.log) {
        return Err(failure.and(check_views(options, world).await));
    }
    ports(access, options, world).await
}

/// The event log alone, to be read.
///
/// # Errors
/// What is wrong with the configuration.
pub async fn log(options: &LogOptions) -> Result<SharedLog, Failure> {
    no_history(Access::Read, options).map_or(Ok(()), Err)?;
    events(Access::Read, options, &World::system()).await
}

/// Brings the tables of the log and of the keys to this program's level, the data folder made where
/// it is missing.
///
/// # Errors
/// What is wrong with the configuration, or a migration that failed; nothing is half done.
pub async fn migrate(options: &TableOptions) -> Result<(), Failure> {
    let folder = folder(&options.log.data);
    let (log, place) = (migrated(&options.log.events()).await, options.keys());
    let keys = keys::migrate(&place.url).await.map_err(|error| match error {
        keys::Error::Configuration(_) => place.problem(&error),
        keys::Error::Unavailable(_) | keys::Error::Tampered(_) => error.into(),
    });
    both(folder, both(log, keys)).map(drop)
}

/// Begins a new epoch of the log.
///
/// # Errors
/// What is wrong with the configuration, or a log that does not end where its head says.
pub async fn raise_epoch(options: &LogOptions) -> Result<Epoch, Failure> {
    if let Some(failure) = no_history(Access::Write, options) {
        return Err(failure);
    }
    let place = options.events();
    event_log::raise_epoch(&place.url).await.map_err(|error| of_log(&place, error))
}

/// An embedded log that is missing is made. A server's tables are made by their owner alone.
#[must_use]
pub fn access_to_fill(options: &StoreOptions) -> Access {
    if options.views.log.events().is_missing() { Access::Begin } else { Access::Write }
}

/// On a server whoever takes no commands works in a role that cannot write the log. An embedded log
/// knows no roles, and those who may write it settle an instant sooner.
#[must_use]
pub fn access_to_serve(options: &StoreOptions, takes_commands: bool) -> Access {
    let is_embedded = options.views.log.events().path().is_some();
    if takes_commands || is_embedded { Access::Write } else { Access::Read }
}

/// Looks for what is wrong with the stores that are there, and makes none.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn check(options: &StoreOptions, world: &World) -> Result<(), Failure> {
    let of_keys = if_there(options.keys(), keys(options, world)).await;
    both(check_views(&options.views, world).await, of_keys).map(drop)
}

async fn check_views(options: &ViewOptions, world: &World) -> Result<(), Failure> {
    let of_log = events(Access::Read, &options.log, world);
    let of_log = if_there(options.log.events(), of_log).await;
    let of_documents = if_there(options.documents(), documents(options)).await;
    let of_search = if_there(options.search(), search(options)).await;
    both(of_log, both(of_documents, of_search)).map(drop)
}

async fn if_there<T>(
    place: Place,
    opening: impl Future<Output = Result<T, Failure>>,
) -> Result<(), Failure> {
    if place.is_missing() { Ok(()) } else { opening.await.map(drop) }
}

async fn ports(access: Access, options: &ViewOptions, world: &World) -> Result<Ports, Failure> {
    let folder = folder(&options.log.data);
    let log = events(access, &options.log, world).await;
    let (documents, search) = (documents(options).await, search(options).await);
    let ((), (log, (documents, search))) = both(folder, both(log, both(documents, search)))?;
    let bus = Arc::new(TailBus::new(log.clone()));
    // A command that ends takes no turns with processes that serve.
    Ok(Ports::of_one_process(log, bus, (documents, search), world.clone()))
}

async fn events(access: Access, options: &LogOptions, world: &World) -> Result<SharedLog, Failure> {
    let place = options.events();
    if access == Access::Begin {
        migrated(&place).await?;
    }
    let opened = match access {
        Access::Read => event_log::open_read_only(&place.url, world.clone()).await,
        Access::Write | Access::Begin => event_log::open(&place.url, world.clone()).await,
    };
    opened.map_err(|error| place.problem(&error))
}

async fn documents(options: &ViewOptions) -> Result<SharedDocuments, Failure> {
    let place = options.documents();
    documents::open(&place.url).await.map_err(|error| place.problem(&error))
}

async fn search(options: &ViewOptions) -> Result<SharedSearch, Failure> {
    let place = options.search();
    search::open(&place.url).await.map_err(|error| place.problem(&error))
}

async fn keys(options: &StoreOptions, world: &World) -> Result<SharedKeys, Failure> {
    let place = options.keys();
    keys::open(&place.url, world.clone()).await.map_err(|error| place.problem(&error))
}

/// Nothing is opened, and nothing made, where there is no history.
fn no_history(access: Access, options: &LogOptions) -> Option<Failure> {
    let place = options.events();
    let path = place.path().filter(|path| access != Access::Begin && !path.exists())?;
    Some(Failure::configuration(format!(
        "--log: there is no history at {}; `jangteo dev`, `jangteo import` and `jangteo migrate` \
         begin one",
        path.display()
    )))
}

async fn migrated(place: &Place) -> Result<(), Failure> {
    event_log::migrate(&place.url).await.map_err(|error| of_log(place, error))
}

/// What an operator can mend is told by the option.
fn of_log(place: &Place, error: event_log::Error) -> Failure {
    match error {
        event_log::Error::Configuration(_) => place.problem(&error),
        event_log::Error::Unavailable(_)
        | event_log::Error::KeyReused
        | event_log::Error::Invalid(_)
        | event_log::Error::Corrupt { .. } => error.into(),
    }
}

fn folder(data: &Path) -> Result<(), Failure> {
    let problem = |error| format!("--data: cannot make {}: {error}", data.display());
    fs::create_dir_all(data).map_err(|error| Failure::configuration(problem(error)))
}

/// Waits until every view has reached `head`.
///
/// # Errors
/// A view has stopped: what it says.
pub async fn caught_up(views: &Views, head: Position, output: Output) -> Result<(), Failure> {
    let bar = output.progress(head.0, "views");
    loop {
        let lowest = views.lowest();
        bar.set_position(lowest.0);
        if lowest >= head {
            bar.finish_and_clear();
            return Ok(());
        }
        for (name, state) in views.states() {
            if let Health::Stopped(reason) = state.health {
                return Err(anyhow::anyhow!("view {name} stopped: {reason}").into());
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

//! Opens the stores that a command uses, and says all that is wrong with them at once.

mod alone;
mod measured;
mod opening;
mod options;

use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use projector::Ports;
use projector::progress::{Health, Views};
use storage::bus::SharedBus;
use storage::bus::tail::TailBus;
use storage::cache::SharedCache;
use storage::cache::memory::Memory;
use storage::event_log::SharedLog;
use storage::keys::seal::Sealer;
use storage::leases::SharedLeases;
use storage::leases::memory::MemoryLeases;
use storage::world::World;
use storage::{bus, event_log, keys, leases};

pub use self::alone::alone;
use self::opening::{Kept, events, folder, migrated, no_history, of_log};
use self::options::Place;
pub use self::options::{BusOptions, LogOptions, StoreOptions, TableOptions, Urls, ViewOptions};
use crate::cache::CacheOptions;
use crate::failure::{Failure, both};
use crate::output::Output;

/// How often the views are asked how far they are.
const POLL: Duration = Duration::from_millis(10);

/// What is done to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read, beside a process that may write.
    Read,
    Write,
    /// Written, the tables of the event log brought to this program's level first.
    Begin,
}

/// Which stores a process opens, and what for. Of the others not even the URL is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    pub log: Access,
    /// Documents and search.
    pub views: Option<Access>,
    pub keys: bool,
}

impl Needs {
    /// Every store.
    #[must_use]
    pub const fn all(access: Access) -> Self {
        Self { log: access, views: Some(access), keys: true }
    }
}

/// The stores of a process, opened.
#[derive(Clone, Debug)]
pub struct Stores {
    pub log: SharedLog,
    kept: Option<Kept>,
    sealer: Option<Arc<Sealer>>,
    pub bus: SharedBus,
    pub cache: SharedCache,
    pub leases: SharedLeases,
    /// What this process is called where several take turns; no other has the name.
    pub holder: String,
    world: World,
}

impl Stores {
    /// What views are fed from and stored in.
    ///
    /// # Errors
    /// Where they were not opened.
    pub fn views(&self) -> Result<Ports, Failure> {
        let (documents, search) = self.kept.clone().ok_or_else(|| unopened("documents"))?;
        Ok(Ports {
            log: self.log.clone(),
            bus: self.bus.clone(),
            documents,
            search,
            leases: self.leases.clone(),
            holder: self.holder.clone(),
            world: self.world.clone(),
        })
    }

    /// One for all that this process does with personal data.
    ///
    /// # Errors
    /// Where the keys were not opened.
    pub fn sealer(&self) -> Result<Arc<Sealer>, Failure> {
        self.sealer.clone().ok_or_else(|| unopened("keys"))
    }

    /// To be written.
    ///
    /// # Errors
    /// As [`Self::with`].
    pub async fn open(options: &StoreOptions, world: &World) -> Result<Self, Failure> {
        Self::with(Needs::all(Access::Write), options, world).await
    }

    /// # Errors
    /// All that is wrong with the configuration, at once.
    pub async fn with(
        needs: Needs,
        options: &StoreOptions,
        world: &World,
    ) -> Result<Self, Failure> {
        if let Some(failure) = no_history(needs.log, &options.views.log) {
            return Err(failure.and(opening::check(needs, options, world).await));
        }
        let folder = folder(options.data());
        let log = events(needs.log, &options.views.log, world).await;
        let kept = match needs.views {
            Some(access) => opening::kept(access, &options.views).await.map(Some),
            None => Ok(None),
        };
        let keys = match needs.keys {
            true => opening::keys(options, world).await.map(Some),
            false => Ok(None),
        };
        let (((), log), (kept, keys)) = both(both(folder, log), both(kept, keys))?;
        let (bus, cache) = (Arc::new(TailBus::new(log.clone())), Arc::new(Memory::default()));
        // A command that ends takes no turns with processes that serve.
        let (leases, holder) = (Arc::new(MemoryLeases::new(leases::LIFE)), "alone".to_owned());
        let sealer = keys.map(|keys| Arc::new(Sealer::new(keys, world.clone())));
        Ok(Self { log, kept, sealer, bus, cache, leases, holder, world: world.clone() })
    }

    /// Of a process that serves: with its bus and cache, taking turns with others on the same log.
    ///
    /// # Errors
    /// All that is wrong with the configuration, at once.
    pub async fn serving(
        needs: Needs,
        (options, bus, cache): (&StoreOptions, &BusOptions, &CacheOptions),
        world: &World,
    ) -> Result<Self, Failure> {
        let stores = Self::with(needs, options, world).await;
        let (log, place) = (options.views.log.events(), bus.place());
        let (stores, cache) = match both(stores, cache.open().await) {
            Ok(opened) => opened,
            Err(failure) => {
                let checked = bus::check(&place.url).await;
                return Err(failure.and(checked.map_err(|error| place.problem(&error))));
            }
        };
        let opened = bus::open(&place.url, stores.log.clone()).await;
        let opened = opened.map_err(|error| place.problem(&error));
        let leases = leases::open(&log.url, leases::LIFE).await;
        let (bus, leases) = both(opened, leases.map_err(|error| log.problem(&error)))?;
        let holder = format!("{}-{}", std::process::id(), world.uuid());
        Ok(Self { bus, cache, leases, holder, ..stores })
    }
}

fn unopened(what: &str) -> Failure {
    anyhow::anyhow!("{what} were not opened").into()
}

/// What views are fed from and stored in, to be read.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn read_views(options: &ViewOptions, world: &World) -> Result<Ports, Failure> {
    views(Access::Read, Access::Read, options, world).await
}

/// The same, to write views by a log that is opened so.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn write_views(
    log: Access,
    options: &ViewOptions,
    world: &World,
) -> Result<Ports, Failure> {
    views(log, Access::Write, options, world).await
}

async fn views(
    of_log: Access,
    of_kept: Access,
    options: &ViewOptions,
    world: &World,
) -> Result<Ports, Failure> {
    if let Some(failure) = no_history(of_log, &options.log) {
        return Err(failure.and(opening::check_views(Some(of_kept), options, world).await));
    }
    let folder = folder(&options.log.data);
    let log = events(of_log, &options.log, world).await;
    let kept = opening::kept(of_kept, options).await;
    let ((), (log, kept)) = both(folder, both(log, kept))?;
    let bus = Arc::new(TailBus::new(log.clone()));
    Ok(Ports::of_one_process(log, bus, kept, world.clone()))
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
pub fn access_to_work(options: &LogOptions, takes_commands: bool) -> Access {
    let is_embedded = options.events().path().is_some();
    if takes_commands || is_embedded { Access::Write } else { Access::Read }
}

/// Looks for what is wrong with the stores that are there, and makes none.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn check(options: &StoreOptions, world: &World) -> Result<(), Failure> {
    opening::check(Needs::all(Access::Write), options, world).await
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

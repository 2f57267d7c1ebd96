//! Events in, documents out: pure folds, and the runner that stores them. Nothing here writes the
//! log.

pub mod view;
pub mod views;

pub mod follow;
pub mod generations;
pub mod history;
pub mod parked;
pub mod progress;
pub mod rebuild;
pub mod registry;
pub mod verify;

mod fold;
pub mod gauges;
mod group;
mod merge;
mod precedence;
mod projector;
mod pump;
mod share;
mod worker;

use std::sync::Arc;

use storage::bus::SharedBus;
use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::leases::memory::MemoryLeases;
use storage::leases::{LIFE, SharedLeases};
use storage::search::SharedSearch;
use storage::world::World;

pub use self::projector::Projector;
pub use self::share::is_worked_on;

/// What views are fed from and stored in.
#[derive(Clone, Debug)]
pub struct Ports {
    pub log: SharedLog,
    pub bus: SharedBus,
    pub documents: SharedDocuments,
    pub search: SharedSearch,
    /// By which the processes that share the work take turns.
    pub leases: SharedLeases,
    /// The name of this process among them.
    pub holder: String,
    pub world: World,
}

impl Ports {
    /// Of a process that shares its work with no other.
    #[must_use]
    pub fn of_one_process(
        log: SharedLog,
        bus: SharedBus,
        (documents, search): (SharedDocuments, SharedSearch),
        world: World,
    ) -> Self {
        let leases = Arc::new(MemoryLeases::new(LIFE));
        Self { log, bus, documents, search, leases, holder: "alone".to_owned(), world }
    }
}

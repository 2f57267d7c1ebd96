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
mod gauges;
mod group;
mod merge;
mod projector;
mod pump;
mod worker;

pub use self::projector::Projector;
pub use self::worker::Unparked;

/// What views are fed from and stored in.
#[derive(Clone, Debug)]
pub struct Ports {
    pub log: storage::event_log::SharedLog,
    pub bus: storage::bus::SharedBus,
    pub documents: storage::documents::SharedDocuments,
    pub search: storage::search::SharedSearch,
    pub world: storage::world::World,
}

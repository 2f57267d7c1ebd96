//! Commands in, events out: what a client, an import or a process wants is decided and appended.
//!
//! Invariant: nothing here reads a view, and nothing but [`execute`] writes to the log.

pub mod execute;
pub mod forget;
pub mod problem;
#[cfg(feature = "kafka")]
pub mod relay;

pub mod categories;
pub mod checkouts;
pub mod likes;
pub mod orders;
pub mod policies;
pub mod products;
pub mod reviews;
pub mod sellers;
pub mod shipments;

pub mod answer;
pub mod routes;
pub mod state;

mod if_match;
mod party;
mod wish;

#[cfg(test)]
mod journeys;
#[cfg(test)]
mod testing;

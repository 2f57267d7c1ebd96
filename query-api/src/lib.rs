//! Reads over HTTP: documents with their positions, the past of any of them, and history itself.
//!
//! Invariant: nothing here appends, and nothing here changes a document.

pub mod events;
pub mod orders;
pub mod routes;
pub mod state;

mod checkouts;
mod ledger;
mod likes;
mod policies;
mod products;
mod reviews;
mod sellers;

mod access;
mod anomalies;
mod answer;
mod basis;
mod failure;
mod history;
mod kept;
mod page;
mod params;
mod personal;
mod place;
mod read;

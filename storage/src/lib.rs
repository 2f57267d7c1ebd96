//! Where things are kept: one folder a port, one file an adapter. No business rule lives here.
//!
//! The scheme of a URL picks the adapter, and every adapter of a port passes the same contract
//! suite.

pub mod access;
#[cfg(any(feature = "elasticsearch", feature = "redis", feature = "s3"))]
mod authority;
pub mod private_file;
#[cfg(any(feature = "postgres", feature = "redis", feature = "s3"))]
mod url_parameter;
pub mod world;

pub mod blobs;
pub mod bus;
pub mod cache;
pub mod documents;
pub mod event_log;
pub mod keys;
pub mod leases;
#[cfg(feature = "postgres")]
mod postgres;
pub mod search;

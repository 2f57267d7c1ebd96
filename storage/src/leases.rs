//! Leases: who of several processes does what only one may do at a time, such as publishing the log.
//!
//! A lease ends by itself unless it is held again in time. Its token rises with each new holder, so
//! that what a late holder writes can be told from what the present one does.

pub mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::Position;

/// How long a lease lives after it was held, and how often it is held again.
pub const LIFE: Duration = Duration::from_secs(5);
pub const RENEWAL: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    /// Rises whenever the lease passes to another holder, or was over.
    pub token: u64,
    /// How far the work is: the last that a holder noted.
    pub position: Position,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("leases are unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("leases cannot be opened: {0}")]
    Configuration(String),
}

/// The port.
#[async_trait]
pub trait Leases: fmt::Debug + Send + Sync + 'static {
    /// Takes those of these leases that are free, and keeps those that `holder` has. What it holds
    /// of them now, in the order of names. They live for the store's time from this call on.
    async fn hold(&self, holder: &str, names: &[String]) -> Result<Vec<Lease>, Error>;

    /// Gives back at once what `holder` has of these.
    async fn release(&self, holder: &str, names: &[String]) -> Result<(), Error>;

    /// Notes how far the work is. False, and nothing noted, where the lease has passed on.
    async fn note(&self, lease: &Lease, position: Position) -> Result<bool, Error>;

    /// Name and holder of every lease whose name begins with `prefix`, in the order of names.
    async fn holders(&self, prefix: &str) -> Result<Vec<(String, String)>, Error>;

    /// Tells metrics how its connections are used, where it has a pool of them.
    fn measure(&self) {}
}

pub type SharedLeases = Arc<dyn Leases>;

/// Opens the leases that stand beside the event log at this URL: in PostgreSQL's database; for an
/// embedded log, which one process writes, in this process.
///
/// # Errors
/// [`Error::Configuration`] says what has to be changed.
pub async fn open(log_url: &str, life: Duration) -> Result<SharedLeases, Error> {
    match log_url.split_once(':') {
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(postgres::PostgresLeases::open(log_url, life)?))
        }
        Some(_) | None => Ok(Arc::new(memory::MemoryLeases::new(life))),
    }
}

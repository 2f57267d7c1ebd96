//! Keys: one data key per person, retention class and version, wrapped by the master key, in a store
//! of their own. Destroying one is what erases.

mod cipher;
mod master;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod seal;
pub mod sqlite;
mod wrap;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;

use crate::world::World;

/// 256 bits. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey(pub [u8; 32]);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Current {
    Key {
        version: u32,
        key: DataKey,
    },
    /// Destroyed, and not to be made anew.
    Erased,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("key store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A wrapped key does not open under the master key, or a field does not open under its key.
    #[error("sealed data does not open: {0}")]
    Tampered(&'static str),
    #[error("key store cannot be opened: {0}")]
    Configuration(String),
}

/// The port.
#[async_trait]
pub trait Keys: fmt::Debug + Send + Sync + 'static {
    /// The newest key of a person and class, made (and durable) at the first call.
    async fn current(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error>;

    /// The key that a field was sealed with; `None` once it was destroyed.
    async fn get(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
    ) -> Result<Option<DataKey>, Error>;

    /// Makes a new version for what is sealed from now on; older ones still open.
    async fn rotate(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error>;

    /// Destroys every version of a class for ever.
    async fn destroy(&self, person: PersonId, class: RetentionClass) -> Result<(), Error>;

    /// Tells metrics how its connections are used, where it has a pool of them.
    fn measure(&self) {}
}

pub type SharedKeys = Arc<dyn Keys>;

/// Opens the store that the URL's scheme names: `sqlite:PATH`, or `sqlite:PATH?master=FILE` where
/// the master key does not lie in `PATH.master`; `postgres://…/DATABASE?master=FILE`.
///
/// # Errors
/// [`Error::Configuration`] where no adapter has this scheme or the store cannot be opened,
/// [`Error::Tampered`] where the master key is not the one that the stored keys were wrapped with.
pub async fn open(url: &str, world: World) -> Result<SharedKeys, Error> {
    match url.split_once(':') {
        Some(("sqlite", rest)) => {
            let (path, master) = match rest.split_once("?master=") {
                Some((path, master)) => (path, master.to_owned()),
                None => (rest, format!("{rest}.master")),
            };
            Ok(Arc::new(sqlite::Store::open(path.into(), master.into(), world).await?))
        }
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(postgres::Store::open(url, world).await?))
        }
        Some(_) | None => Err(unknown(url)),
    }
}

/// Brings the tables on a server to the level of this program, and grants what its role may do. A
/// file's are made when it is opened.
///
/// # Errors
/// [`Error::Configuration`] where no adapter has this scheme or the user may not.
pub async fn migrate(url: &str) -> Result<(), Error> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(()),
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => postgres::migrate(url).await,
        Some(_) | None => Err(unknown(url)),
    }
}

fn unknown(url: &str) -> Error {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    Error::Configuration(if is_postgres {
        "this build has no PostgreSQL: build it with the cargo feature `postgres`".to_owned()
    } else {
        "the URL of keys starts with sqlite: or postgres://".to_owned()
    })
}

//! On what a product under test keeps its things: places of its own for each test.

use std::path::Path;

use jangteo::stores::Urls;
#[cfg(feature = "real")]
use storage::{documents::database_url::database_url, keys};

use crate::postgres;

/// Which stores there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// All in one folder.
    Embedded,
    /// The event log on a server, the rest in one folder.
    Postgres,
    /// All on the servers that `deploy/services` starts.
    #[cfg(feature = "real")]
    Real,
}

/// Where a product keeps its things.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub urls: Urls,
    pub bus: Option<String>,
    pub cache: Option<String>,
}

impl Stack {
    /// New and empty places; the folder keeps what is secret.
    #[cfg_attr(
        not(feature = "real"),
        expect(unused_variables, reason = "on servers alone something is secret")
    )]
    pub async fn places(self, folder: &Path) -> Places {
        match self {
            Self::Embedded => Places::default(),
            Self::Postgres => Places { urls: on_postgres().await, ..Places::default() },
            #[cfg(feature = "real")]
            Self::Real => real(folder).await,
        }
    }
}

async fn on_postgres() -> Urls {
    Urls { log: Some(postgres::new_database().await), ..Urls::default() }
}

/// Databases, a set of topics, prefixes of indices and of what is cached: each with a name that no other
/// test has.
#[cfg(feature = "real")]
async fn real(folder: &Path) -> Places {
    let server = |name: &str| {
        let variable = format!("JANGTEO_TEST_{name}");
        std::env::var(&variable)
            .unwrap_or_else(|_| panic!("{variable} is not set: run ./check --real"))
    };
    let name = format!("jangteo_{}", storage::world::World::system().uuid().simple());
    let documents = Some(database_url(&server("MONGODB"), &name));
    let search = Some(format!("{}?prefix={name}", server("ELASTICSEARCH")));
    let bus = Some(format!("{}?prefix={name}&partitions=3", server("KAFKA")));
    let cache = Some(format!("{}?prefix={name}", server("REDIS")));
    let master = folder.join("master_key");
    let keys = format!("{}?master={}", postgres::new_database().await, master.display());
    keys::migrate(&keys).await.unwrap();
    let urls = Urls { documents, search, keys: Some(keys), ..on_postgres().await };
    Places { urls, bus, cache }
}

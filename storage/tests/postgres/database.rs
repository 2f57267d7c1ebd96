//! A database of a test's own on the cluster that `JANGTEO_TEST_POSTGRES` names. The cluster is thrown
//! away as a whole: dropping one database waits until all of them are written out.

use tokio_postgres::{Client, NoTls};
use tokio_util::task::TaskTracker;

pub(crate) struct Database {
    pub(crate) url: String,
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    TaskTracker::new().spawn(connection);
    client
}

/// A name that nothing else on the cluster has.
pub(crate) fn a_name(prefix: &str) -> String {
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).unwrap();
    format!("{prefix}_{:016x}", u64::from_be_bytes(unique))
}

fn server() -> String {
    std::env::var("JANGTEO_TEST_POSTGRES")
        .expect("JANGTEO_TEST_POSTGRES names no cluster: run ./check, which starts one")
}

impl Database {
    pub(crate) async fn make(prefix: &str) -> Self {
        Self::like(prefix, "").await
    }

    pub(crate) async fn like(prefix: &str, options: &str) -> Self {
        let (server, name) = (server(), a_name(prefix));
        let create = format!("CREATE DATABASE {name} {options}");
        connect(&server).await.batch_execute(&create).await.unwrap();
        let (start, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{start}/{name}") }
    }

    /// Behind the store's back, as the cluster's owner.
    pub(crate) async fn client(&self) -> Client {
        connect(&self.url).await
    }

    /// The URL of somebody who may log in and belongs to this role alone.
    pub(crate) async fn as_member_of(&self, role: &str) -> String {
        let user = a_name("member");
        let create = format!("CREATE ROLE {user} LOGIN IN ROLE {role}");
        self.client().await.batch_execute(&create).await.unwrap();
        let (_, place) = self.url.split_once('@').unwrap();
        format!("postgres://{user}@{place}")
    }
}

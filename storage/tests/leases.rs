//! The contract of `leases`, on every adapter.

#[cfg(test)]
#[path = "leases/contract.rs"]
mod contract;

#[cfg(test)]
mod memory {
    use std::sync::Arc;

    use storage::leases::SharedLeases;
    use storage::leases::memory::MemoryLeases;

    use super::contract::{self, LIFE};

    async fn leases() -> SharedLeases {
        Arc::new(MemoryLeases::new(LIFE))
    }

    contract::run_on!(leases);
}

#[cfg(test)]
#[cfg(feature = "postgres")]
mod postgres {
    use storage::event_log::postgres::migrate;
    use storage::leases::{SharedLeases, open};
    use tokio_postgres::NoTls;
    use tokio_util::task::TaskTracker;

    use super::contract::{self, LIFE};

    async fn leases() -> SharedLeases {
        let server = std::env::var("JANGTEO_TEST_POSTGRES")
            .expect("JANGTEO_TEST_POSTGRES names no cluster: run ./check, which starts one");
        let mut unique = [0; 8];
        getrandom::fill(&mut unique).unwrap();
        let name = format!("leases_{:016x}", u64::from_be_bytes(unique));
        let (client, connection) = tokio_postgres::connect(&server, NoTls).await.unwrap();
        TaskTracker::new().spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (start, _) = server.rsplit_once('/').unwrap();
        let url = format!("{start}/{name}");
        migrate(&url).await.unwrap();
        open(&url, LIFE).await.unwrap()
    }

    contract::run_on!(leases);
}

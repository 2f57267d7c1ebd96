//! A database of its own for each test, on the throw-away cluster that `./check` starts.

use storage::world::World;
use tokio_postgres::NoTls;
use tokio_util::task::TaskTracker;

const VARIABLE: &str = "JANGTEO_TEST_POSTGRES";

/// The URL of a new, empty database, for a user who may do anything.
///
/// # Panics
/// Without a cluster.
pub async fn new_database() -> String {
    let Ok(cluster) = std::env::var(VARIABLE) else {
        panic!("{VARIABLE} is not set: run ./check, which starts a PostgreSQL cluster")
    };
    let (client, connection) = tokio_postgres::connect(&cluster, NoTls).await.unwrap();
    let connection = TaskTracker::new().spawn(connection);
    let name = format!("jangteo_{}", World::system().uuid().simple());
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    let (server, _) = cluster.rsplit_once('/').expect("the URL ends with a database");
    format!("{server}/{name}")
}

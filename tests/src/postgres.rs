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
    let name = format!("jangteo_{}", World::system().uuid().simple());
    run(&cluster, &format!("CREATE DATABASE {name}")).await;
    let (server, _) = cluster.rsplit_once('/').expect("the URL ends with a database");
    format!("{server}/{name}")
}

/// The URL of a migrated database for somebody who belongs to these roles alone.
///
/// # Panics
/// Where the cluster does not let us.
pub async fn as_member_of(roles: &str, database: &str) -> String {
    let user = format!("member_{}", World::system().uuid().simple());
    run(database, &format!("CREATE ROLE {user} LOGIN IN ROLE {roles}")).await;
    let (_, place) = database.split_once('@').expect("the URL names a user");
    format!("postgres://{user}@{place}")
}

async fn run(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = TaskTracker::new().spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

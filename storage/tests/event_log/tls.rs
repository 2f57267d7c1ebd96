//! TLS: a server that speaks nothing else, and what is said where it cannot be.

use std::fs;

use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use storage::event_log::postgres::{PostgresLog, migrate};
use storage::event_log::{Error, EventLog};
use storage::keys;
use storage::world::World;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::database::connect;
use crate::support::{a_stream, a_unit};

/// A cluster that takes encrypted connections only, but for those of a watcher. Its certificate is for
/// 127.0.0.1.
struct Encrypted {
    cluster: Cluster,
    url: String,
}

fn an_authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.self_signed(&key).unwrap().pem(), Issuer::new(params, key))
}

impl Encrypted {
    async fn start() -> Self {
        let cluster = Cluster::make();
        let client = connect(&cluster.run("start")).await;
        client.batch_execute("CREATE ROLE watcher LOGIN IN ROLE pg_monitor").await.unwrap();
        client.batch_execute("CREATE DATABASE keys").await.unwrap();
        let by_password = "CREATE ROLE us SUPERUSER LOGIN PASSWORD 'very-secret'";
        client.batch_execute(by_password).await.unwrap();
        cluster.run("stop");
        let (authority, issuer) = an_authority("ours");
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        cluster.configure("server.crt", &certificate.pem());
        cluster.configure("server.key", &key.serialize_pem());
        cluster.configure("postgresql.auto.conf", "ssl = on\n");
        let hosts = "hostssl all postgres 127.0.0.1/32 trust\n\
                     hostssl all us 127.0.0.1/32 scram-sha-256\n\
                     hostnossl postgres watcher 127.0.0.1/32 trust\n";
        cluster.configure("pg_hba.conf", hosts);
        fs::write(cluster.path("authority.pem"), authority).unwrap();
        fs::write(cluster.path("another.pem"), an_authority("another").0).unwrap();
        fs::write(cluster.path("renewed.pem"), an_authority("ours").0).unwrap();
        let url = cluster.run("start");
        Self { cluster, url }
    }

    fn with(&self, mode: &str, authority: &str) -> String {
        let roots = match authority {
            "" => String::new(),
            name => format!("&sslrootcert={}", self.cluster.path(name).display()),
        };
        format!("{}?sslmode={mode}{roots}", self.url)
    }
}

async fn refused(url: &str) -> String {
    match PostgresLog::open(url, &World::system()).await {
        Err(Error::Configuration(told)) => told,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn log_keys_and_migrations_are_encrypted() {
    let server = Encrypted::start().await;
    let url = server.with("verify-full", "authority.pem");
    migrate(&url).await.unwrap();
    let log = PostgresLog::open(&url, &World::system()).await.unwrap();
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    let of_keys = url.replace("/postgres?", "/keys?");
    let of_keys = format!("{of_keys}&master={}", server.cluster.path("master").display());
    keys::migrate(&of_keys).await.unwrap();
    let keys = keys::open(&of_keys, World::system()).await.unwrap();
    keys.current(PersonId::new(Uuid::nil()), RetentionClass::Account).await.unwrap();

    let watcher = connect(&server.url.replace("postgres@", "watcher@")).await;
    let seen = "SELECT DISTINCT application_name, ssl, version \
                FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                WHERE application_name LIKE 'jangteo%' ORDER BY 1";
    let seen = watcher.query(seen, &[]).await.unwrap();
    let seen: Vec<(String, bool, String)> =
        seen.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let encrypted = |name: &str| (name.to_owned(), true, "TLSv1.3".to_owned());
    assert_eq!(seen, [encrypted("jangteo event log"), encrypted("jangteo keys")]);
    log.close().await;
}

#[tokio::test]
async fn each_mode_that_a_server_satisfies_is_encrypted() {
    let server = Encrypted::start().await;
    migrate(&server.with("require", "")).await.unwrap();
    for (mode, authority) in [
        ("verify-full", "authority.pem"),
        ("verify-ca", "authority.pem"),
        ("require", "authority.pem"),
        ("require", ""),
        ("prefer", ""),
    ] {
        // In clear nobody but the watcher is let in.
        PostgresLog::open(&server.with(mode, authority), &World::system()).await.unwrap();
    }
    PostgresLog::open(&server.url, &World::system()).await.unwrap();
}

#[tokio::test]
async fn a_password_is_bound_to_the_encrypted_channel() {
    let server = Encrypted::start().await;
    let url = server.with("verify-full", "authority.pem");
    let bound = |password: &str| {
        let user = format!("us:{password}@");
        format!("{}&channel_binding=require", url.replace("postgres@", &user))
    };
    migrate(&bound("very-secret")).await.unwrap();
    PostgresLog::open(&bound("very-secret"), &World::system()).await.unwrap();
    let told = refused(&bound("wrong-secret")).await;
    assert!(told.contains("password authentication failed") && !told.contains("secret"), "{told}");
}

#[tokio::test]
async fn a_server_that_is_not_to_be_trusted_is_refused_with_what_to_do() {
    let server = Encrypted::start().await;
    for (mode, authority, advice) in [
        ("verify-full", "another.pem", "sslrootcert=FILE"),
        ("verify-full", "renewed.pem", "sslrootcert=FILE"),
        ("verify-ca", "another.pem", "sslrootcert=FILE"),
        ("require", "another.pem", "sslrootcert=FILE"),
        ("verify-full", "", "sslrootcert=FILE"),
        ("disable", "", "no encryption"),
    ] {
        let told = refused(&server.with(mode, authority)).await;
        assert!(told.contains(advice), "{mode} {authority}: {told}");
    }
    let by_name = server.with("verify-full", "authority.pem").replace("127.0.0.1", "localhost");
    let told = refused(&by_name).await;
    assert!(told.contains("verify-ca"), "{told}");
    let by_name = by_name.replace("verify-full", "verify-ca");
    let told = refused(&by_name).await;
    assert!(told.contains("migrate"), "{told}");
    let told = migrate(&server.with("verify-full", "another.pem")).await.unwrap_err().to_string();
    assert!(told.contains("sslrootcert=FILE"), "{told}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let server = std::env::var("JANGTEO_TEST_POSTGRES").unwrap();
    for mode in ["require", "verify-full"] {
        let told = refused(&format!("{server}?sslmode={mode}")).await;
        assert!(told.contains("ssl = on") && told.contains(mode), "{told}");
    }
}

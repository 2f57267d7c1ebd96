//! PostgreSQL: a database a test, and what only a server can do.

use std::fs;
use std::path::PathBuf;

use events_schema::personal::RetentionClass;
use events_schema::time::Timestamp;
use futures::future::join_all;
use storage::event_log;
use storage::keys::{Current, Error, SharedKeys, migrate, open};
use storage::world::World;
use tempfile::TempDir;

use crate::contract::{self, key_of, person};
use crate::database::{Database, connect};

const CLASS: RetentionClass = RetentionClass::Account;

struct Place {
    database: Database,
    folder: TempDir,
}

impl Place {
    async fn make() -> Self {
        let place =
            Self { database: Database::make("keys").await, folder: TempDir::new().unwrap() };
        migrate(&place.url("master")).await.unwrap();
        place
    }

    fn master(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self, master: &str) -> String {
        format!("{}?master={}", self.database.url, self.master(master).display())
    }

    async fn open(&self) -> SharedKeys {
        open(&self.url("master"), World::system()).await.unwrap()
    }
}

async fn a_store() -> (Place, SharedKeys) {
    let place = Place::make().await;
    let keys = place.open().await;
    (place, keys)
}

contract::run_on!(a_store);

#[tokio::test]
async fn keys_outlive_the_process_and_tombstones_too() {
    let (place, keys) = a_store().await;
    let key = key_of(keys.current(person(1), CLASS).await.unwrap());
    keys.destroy(person(2), CLASS).await.unwrap();
    drop(keys);
    let keys = place.open().await;
    assert_eq!(key_of(keys.current(person(1), CLASS).await.unwrap()), key);
    assert_eq!(keys.current(person(2), CLASS).await.unwrap(), Current::Erased);
}

#[tokio::test]
async fn another_or_no_master_key_is_refused() {
    let (place, keys) = a_store().await;
    drop(keys);
    fs::copy(place.master("master"), place.master("copy")).unwrap();
    open(&place.url("copy"), World::system()).await.unwrap();
    let opened = open(&place.url("another"), World::system()).await;
    assert!(matches!(opened, Err(Error::Configuration(_))), "{opened:?}");
    assert!(!place.master("another").exists());
    fs::write(place.master("copy"), "00".repeat(32)).unwrap();
    let opened = open(&place.url("copy"), World::system()).await;
    assert!(matches!(opened, Err(Error::Tampered(_))), "{opened:?}");
    let opened = open(&place.database.url, World::system()).await;
    assert!(matches!(&opened, Err(Error::Configuration(why)) if why.contains("master=FILE")));
}

#[tokio::test]
async fn of_machines_that_start_together_one_gives_the_master_key() {
    let place = Place::make().await;
    let names = ["one", "two", "three", "four"];
    let urls = names.map(|name| place.url(name));
    let opened = join_all(urls.iter().map(|url| open(url, World::system()))).await;
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1, "{opened:?}");
}

#[tokio::test]
async fn processes_agree_on_first_and_rotated_keys_and_none_survives_an_erasure() {
    let (place, one) = a_store().await;
    let other = place.open().await;
    let firsts = join_all((0..40).map(|_| async {
        let (one, other) =
            tokio::join!(one.current(person(1), CLASS), other.current(person(1), CLASS));
        [one.unwrap(), other.unwrap()]
    }));
    let firsts: Vec<_> = firsts.await.into_iter().flatten().collect();
    assert!(firsts.iter().all(|first| *first == firsts[0]));
    let rotated = tokio::join!(one.rotate(person(1), CLASS), other.rotate(person(1), CLASS));
    let mut versions = [rotated.0, rotated.1].map(|current| key_of(current.unwrap()).0);
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
    for number in 2..40 {
        let (made, destroyed) =
            tokio::join!(one.current(person(number), CLASS), other.destroy(person(number), CLASS));
        made.unwrap();
        destroyed.unwrap();
        assert_eq!(one.current(person(number), CLASS).await.unwrap(), Current::Erased);
    }
    let left = "SELECT count(DISTINCT person) FROM data_keys";
    let left: i64 = place.database.client().await.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, 1);
}

#[tokio::test]
async fn no_key_stands_in_clear_in_the_tables_and_none_at_all_after_destroying() {
    let (place, keys) = a_store().await;
    let (_, key) = key_of(keys.current(person(1), CLASS).await.unwrap());
    let client = place.database.client().await;
    let wrapped = "SELECT wrapped FROM data_keys";
    let row = client.query_one(wrapped, &[]).await.unwrap();
    let wrapped_key: &[u8] = row.get(0);
    assert!(!wrapped_key.windows(32).any(|window| window == key.0));
    keys.destroy(person(1), CLASS).await.unwrap();
    assert!(client.query_opt(wrapped, &[]).await.unwrap().is_none());
}

#[tokio::test]
async fn its_role_changes_keys_by_functions_alone() {
    let (place, keys) = a_store().await;
    keys.current(person(1), CLASS).await.unwrap();
    let member = place.database.as_member_of("jangteo_keys").await;
    let url = format!("{}?master={}", member, place.master("master").display());
    let keys = open(&url, World::system()).await.unwrap();
    keys.rotate(person(1), CLASS).await.unwrap();
    keys.destroy(person(2), CLASS).await.unwrap();
    let client = connect(&member).await;
    for statement in [
        "UPDATE data_keys SET wrapped = ''",
        "DELETE FROM data_keys",
        "TRUNCATE data_keys",
        "INSERT INTO data_keys SELECT * FROM data_keys",
        "UPDATE key_chains SET erased_at = NULL",
        "DELETE FROM key_chains",
        "UPDATE master SET proof = ''",
        "DELETE FROM master",
        "DROP TABLE data_keys",
        "CREATE TABLE mine (x integer)",
        "CREATE TEMPORARY TABLE mine (x integer)",
    ] {
        let error = client.batch_execute(statement).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{statement}");
    }
}

#[tokio::test]
async fn the_roles_of_the_event_log_read_no_key_and_cannot_even_connect() {
    let log = Database::make("log").await;
    event_log::migrate(&log.url).await.unwrap();
    let (place, keys) = a_store().await;
    keys.current(person(1), CLASS).await.unwrap();
    for role in ["jangteo_app", "jangteo_reader"] {
        let client = place.database.client().await;
        client.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
        for statement in [
            "SELECT wrapped FROM public.data_keys",
            "SELECT public.add_key(gen_random_uuid(), 'account', 1, '')",
            "SELECT public.destroy_keys(gen_random_uuid(), 'account')",
        ] {
            let error = client.batch_execute(statement).await.unwrap_err();
            assert_eq!(error.code().unwrap().code(), "42501", "{statement}");
        }
        let member = place.database.as_member_of(role).await;
        let url = format!("{}?master={}", member, place.master("master").display());
        let opened = open(&url, World::system()).await;
        let Err(Error::Configuration(told)) = opened else { panic!("{opened:?}") };
        assert!(told.contains("permission denied"), "{told}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_keys() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let place = Place::make().await;
        fs::write(place.master("master"), "00".repeat(32)).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(place.master("master"), private).unwrap();
        let world = World::simulated(7, World::system().now());
        let store = open(&place.url("master"), world).await.unwrap();
        keys.push(store.current(person(1), CLASS).await.unwrap());
    }
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn what_is_wrong_with_the_server_is_named() {
    let place = Place::make().await;
    let opened = open(&place.url("master"), World::simulated(1, Timestamp::EPOCH)).await;
    let Err(Error::Configuration(told)) = opened else { panic!("{opened:?}") };
    assert!(told.contains("clock"), "{told}");
    let database = Database::make("keys").await;
    let opened = open(&format!("{}?master=x", database.url), World::system()).await;
    let Err(Error::Configuration(told)) = opened else { panic!("{opened:?}") };
    assert!(told.contains("jangteo migrate"), "{told}");
    let opened = open("postgres://127.0.0.1:1/keys?master=x", World::system()).await;
    assert!(matches!(opened, Err(Error::Unavailable(_))), "{opened:?}");
}

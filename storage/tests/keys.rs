//! The contract of `keys`, on every adapter, and of the sealer above them.

#[cfg(test)]
#[path = "keys/contract.rs"]
mod contract;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "postgres/database.rs"]
mod database;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "keys/postgres.rs"]
mod postgres;
#[cfg(test)]
#[path = "keys/sealing.rs"]
mod sealing;

#[cfg(test)]
mod sqlite {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use events_schema::personal::RetentionClass;
    use events_schema::time::Timestamp;
    use storage::keys::{Current, Error, SharedKeys, open};
    use storage::world::World;
    use tempfile::TempDir;

    use super::contract::{self, key_of, person};

    const CLASS: RetentionClass = RetentionClass::Account;

    async fn a_store() -> (TempDir, SharedKeys) {
        let folder = tempfile::tempdir().unwrap();
        let keys = open_in(&folder).await.unwrap();
        (folder, keys)
    }

    async fn open_in(folder: &TempDir) -> Result<SharedKeys, Error> {
        open(&format!("sqlite:{}", path(folder).display()), World::system()).await
    }

    fn path(folder: &TempDir) -> PathBuf {
        folder.path().join("keys.db")
    }

    contract::run_on!(a_store);

    #[tokio::test]
    async fn keys_outlive_the_process_and_tombstones_too() {
        let (folder, keys) = a_store().await;
        let key = key_of(keys.current(person(1), CLASS).await.unwrap());
        keys.destroy(person(2), CLASS).await.unwrap();
        drop(keys);
        let keys = open_in(&folder).await.unwrap();
        assert_eq!(key_of(keys.current(person(1), CLASS).await.unwrap()), key);
        assert_eq!(keys.current(person(2), CLASS).await.unwrap(), Current::Erased);
    }

    #[tokio::test]
    async fn the_master_key_is_for_its_owner_alone_and_elsewhere_if_told() {
        let (folder, _keys) = a_store().await;
        let mode = |name: &str| {
            fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
        };
        assert_eq!(mode("keys.db.master"), 0o600);
        let master = folder.path().join("elsewhere");
        let url = format!("sqlite:{}?master={}", path(&folder).display(), master.display());
        open(&url, World::system()).await.unwrap();
        assert_eq!(mode("elsewhere"), 0o600);
        fs::set_permissions(&master, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = open(&url, World::system()).await.unwrap_err().to_string();
        assert!(refused.contains("elsewhere") && refused.contains("chmod 600"), "{refused}");
    }

    #[tokio::test]
    async fn another_or_no_master_key_is_refused() {
        let (folder, keys) = a_store().await;
        keys.current(person(1), CLASS).await.unwrap();
        drop(keys);
        let master = folder.path().join("keys.db.master");
        fs::write(&master, "00".repeat(32)).unwrap();
        assert!(matches!(open_in(&folder).await, Err(Error::Tampered(_))));
        fs::write(&master, "0").unwrap();
        assert!(matches!(open_in(&folder).await, Err(Error::Configuration(_))));
        fs::remove_file(&master).unwrap();
        assert!(matches!(open_in(&folder).await, Err(Error::Configuration(_))));
        assert!(!master.exists());
    }

    #[tokio::test]
    async fn no_key_stands_in_clear_in_the_files_and_no_wrapped_one_after_destroying() {
        let (folder, keys) = a_store().await;
        let (_, key) = key_of(keys.current(person(1), CLASS).await.unwrap());
        keys.current(person(2), CLASS).await.unwrap();
        let files = || {
            let files = ["keys.db", "keys.db-wal"].map(|name| fs::read(folder.path().join(name)));
            files.into_iter().flatten().flatten().collect::<Vec<u8>>()
        };
        let holds = |part: &[u8]| files().windows(part.len()).any(|window| window == part);
        assert!(!holds(&key.0));
        let wrapped: Vec<u8> = rusqlite::Connection::open(path(&folder))
            .unwrap()
            .query_row(
                "SELECT wrapped FROM data_key WHERE person = ?1",
                [person(1).as_uuid().as_bytes()],
                |row| row.get(0),
            )
            .unwrap();
        assert!(holds(&wrapped));
        keys.destroy(person(1), CLASS).await.unwrap();
        assert!(!holds(&wrapped));
    }

    #[tokio::test]
    async fn destroying_is_not_done_while_a_reader_holds_the_old_pages() {
        let (folder, keys) = a_store().await;
        keys.current(person(1), CLASS).await.unwrap();
        let mut reader = rusqlite::Connection::open(path(&folder)).unwrap();
        let reading = reader.transaction().unwrap();
        let count = "SELECT count(*) FROM data_key";
        reading.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap();
        let destroyed = keys.destroy(person(1), CLASS).await;
        assert!(matches!(destroyed, Err(Error::Unavailable(_))));
        drop(reading);
        keys.destroy(person(1), CLASS).await.unwrap();
        assert_eq!(keys.current(person(1), CLASS).await.unwrap(), Current::Erased);
    }

    #[tokio::test]
    async fn the_same_seed_gives_the_same_keys() {
        let mut keys = Vec::new();
        for _ in 0..2 {
            let folder = tempfile::tempdir().unwrap();
            let world = World::simulated(7, Timestamp::EPOCH);
            let url = format!("sqlite:{}", path(&folder).display());
            let store = open(&url, world).await.unwrap();
            keys.push(store.current(person(1), CLASS).await.unwrap());
        }
        assert_eq!(keys[0], keys[1]);
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_a_configuration_error() {
        for url in ["sqlite:/nowhere/at/all.db", "vault:x", ""] {
            let opened = open(url, World::system()).await;
            assert!(matches!(opened, Err(Error::Configuration(_))), "{url}");
        }
    }
}

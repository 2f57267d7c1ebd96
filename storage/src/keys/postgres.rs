//! Keys in a PostgreSQL database of their own, wrapped under a master key that stays in a file.
//!
//! Every connection works in the role `jangteo_keys`, which changes keys by three functions alone.
//! A destroyed key is gone from every answer at once; its wrapped bytes leave the server's pages
//! with the next vacuum and its log and backups with their own time, and are worth nothing without
//! the master key.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::cipher::{self, NONCE_BYTES};
use super::wrap::{Fresh, Slot};
use super::{Current, DataKey, Error, Keys, master};
use crate::postgres::{self, Connections, Login, Migrations, Needs};
use crate::url_parameter::take;
use crate::world::World;

const APPLICATION: &str = "jangteo keys";
const LOGIN: Login = Login {
    application: APPLICATION,
    role: "jangteo_keys",
    // A rush of new persons waits rather than being turned away.
    wait_max: Duration::from_secs(2),
    needs: Needs {
        tables: &["master", "key_chains", "data_keys"],
        functions: &["claim_master", "add_key", "destroy_keys"],
    },
};
const MIGRATIONS: Migrations = Migrations {
    steps: &[include_str!("../../migrations/postgres-keys/0001_keys.sql")],
    privileges: include_str!("../../migrations/postgres-keys/privileges.sql"),
};
/// How often a key is made again that somebody else has made meanwhile.
const ROUNDS_MAX: usize = 8;
const PROVEN: &[u8] = b"jangteo";

/// The adapter. Any number of processes may share a database, with one master key.
#[derive(Debug)]
pub struct Store {
    connections: Connections,
    master: DataKey,
    world: World,
}

/// The newest key of a person and class.
enum Newest {
    Erased,
    /// The version is 0 where there is none yet.
    Version(u32, Option<Vec<u8>>),
}

impl Store {
    /// Connects to `postgres://…/DATABASE?master=FILE`; the master key is made where it and the keys
    /// are missing.
    ///
    /// # Errors
    /// [`Error::Configuration`] names every problem found, [`Error::Tampered`] tells a master key
    /// that is not the one of these keys.
    pub async fn open(url: &str, world: World) -> Result<Self, Error> {
        let (url, path) = take(url, "master");
        let path = path.filter(|path| !path.is_empty()).ok_or_else(|| {
            let rule = "the URL of keys names no master key: postgres://…/DATABASE?master=FILE";
            Error::Configuration(rule.to_owned())
        })?;
        let connections = Connections::open(&url, &LOGIN)?;
        connections.check(&MIGRATIONS, &world).await?;
        let proof = connections.query(include_str!("postgres/select_proof.sql"), &[]).await?;
        let proof = proof.first().map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?;
        let (path, is_first, of_thread) = (PathBuf::from(path), proof.is_none(), world.clone());
        let master = tokio::task::spawn_blocking(move || master::load(&path, &of_thread, is_first))
            .await
            .map_err(|error| Error::Unavailable(Box::new(error)))??;
        let store = Self { connections, master, world };
        store.prove(proof).await?;
        Ok(store)
    }

    /// Whether the master key is the one that the first process came with.
    async fn prove(&self, proof: Option<Vec<u8>>) -> Result<(), Error> {
        let associated_data = cipher::associated_data(&[b"master key"])?;
        let proof = match proof {
            Some(proof) => proof,
            None => {
                let mut nonce = [0; NONCE_BYTES];
                self.world.fill(&mut nonce);
                let offered = cipher::seal(&self.master, nonce, &associated_data, PROVEN)?;
                self.one(include_str!("postgres/claim_master.sql"), &[&offered])
                    .await?
                    .try_get(0)?
            }
        };
        match cipher::open(&self.master, &associated_data, &proof) {
            Some(proven) if proven == PROVEN => Ok(()),
            Some(_) | None => Err(Error::Tampered("the master key is not the one of these keys")),
        }
    }

    async fn one(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        let row = self.connections.query(sql, values).await?.pop();
        row.ok_or_else(|| Error::Unavailable("a function answered nothing".into()))
    }

    async fn newest(&self, person: PersonId, class: RetentionClass) -> Result<Newest, Error> {
        let values: [&(dyn ToSql + Sync); 2] = [&person.as_uuid(), &class.as_str()];
        let rows = self.connections.query(include_str!("postgres/select_newest.sql"), &values);
        let rows = rows.await?;
        let Some(row) = rows.first() else { return Ok(Newest::Version(0, None)) };
        if row.try_get(0)? {
            return Ok(Newest::Erased);
        }
        Ok(Newest::Version(row.try_get::<_, i32>(1)?.unsigned_abs(), row.try_get(2)?))
    }

    /// `None` where somebody else was faster.
    async fn add(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
        fresh: &Fresh,
    ) -> Result<Option<Current>, Error> {
        let wrapped = Slot::new(person, class, version).wrap(&self.master, fresh)?;
        let number =
            i32::try_from(version).map_err(|_| Error::Tampered("there are too many versions"))?;
        let values: [&(dyn ToSql + Sync); 4] =
            [&person.as_uuid(), &class.as_str(), &number, &wrapped];
        let added = self.one(include_str!("postgres/add_key.sql"), &values).await?.try_get(0)?;
        Ok(if added { Some(Current::Key { version, key: fresh.key.clone() }) } else { None })
    }
}

/// Brings the tables to the level of this program, and grants what their role may do.
///
/// # Errors
/// [`Error::Configuration`] when the user may not, or the tables are newer than this program.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let (url, _master) = take(url, "master");
    Ok(MIGRATIONS.apply(&url, APPLICATION).await?)
}

fn overtaken() -> Error {
    Error::Unavailable("other processes make keys of this person all the time".into())
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        match error {
            postgres::Error::Configuration(what) => Self::Configuration(what),
            postgres::Error::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

#[async_trait]
impl Keys for Store {
    async fn current(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error> {
        let fresh = Fresh::draw(&self.world);
        for _ in 0..ROUNDS_MAX {
            match self.newest(person, class).await? {
                Newest::Erased => return Ok(Current::Erased),
                Newest::Version(version, Some(wrapped)) => {
                    let key = Slot::new(person, class, version).unwrap(&self.master, &wrapped)?;
                    return Ok(Current::Key { version, key });
                }
                Newest::Version(0, None) => {
                    if let Some(current) = self.add(person, class, 1, &fresh).await? {
                        return Ok(current);
                    }
                }
                Newest::Version(_, None) => {
                    return Err(Error::Tampered("the newest key of a person is missing"));
                }
            }
        }
        Err(overtaken())
    }

    async fn get(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
    ) -> Result<Option<DataKey>, Error> {
        let never = || Error::Tampered("there was never such a key");
        let number = i32::try_from(version).map_err(|_| never())?;
        let values: [&(dyn ToSql + Sync); 3] = [&person.as_uuid(), &class.as_str(), &number];
        let rows = self.connections.query(include_str!("postgres/select_key.sql"), &values).await?;
        let row = rows.first().ok_or_else(never)?;
        if row.try_get(0)? {
            return Ok(None);
        }
        let wrapped: Vec<u8> = row.try_get::<_, Option<_>>(1)?.ok_or_else(never)?;
        Slot::new(person, class, version).unwrap(&self.master, &wrapped).map(Some)
    }

    async fn rotate(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error> {
        let fresh = Fresh::draw(&self.world);
        for _ in 0..ROUNDS_MAX {
            let Newest::Version(version, _) = self.newest(person, class).await? else {
                return Ok(Current::Erased);
            };
            let next = version.saturating_add(1);
            if let Some(current) = self.add(person, class, next, &fresh).await? {
                return Ok(current);
            }
        }
        Err(overtaken())
    }

    async fn destroy(&self, person: PersonId, class: RetentionClass) -> Result<(), Error> {
        let values: [&(dyn ToSql + Sync); 2] = [&person.as_uuid(), &class.as_str()];
        self.one(include_str!("postgres/destroy_keys.sql"), &values).await.map(drop)
    }

    fn measure(&self) {
        self.connections.measure("keys");
    }
}

//! The file and the master key, as the thread of keys holds them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::super::wrap::{Fresh, Slot};
use super::super::{Current, DataKey, Error, master};
use super::{Answer, Request, Wish};
use crate::world::World;

#[derive(Debug)]
pub(super) struct Vault {
    connection: Connection,
    master: DataKey,
}

impl Vault {
    pub(super) fn open(path: &Path, master: &Path, world: &World) -> Result<Self, Error> {
        let connection = connect(path)
            .map_err(|error| Error::Configuration(format!("{}: {error}", path.display())))?;
        let sample = connection
            .query_row(include_str!("vault/select_sample.sql"), [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
            .map_err(|error| Error::Configuration(error.to_string()))?;
        let master = master::load(master, world, sample.is_none())?;
        if let Some((person, class, version, wrapped)) = sample {
            let (class, wrapped): (String, Vec<u8>) = (class, wrapped);
            Slot { person, class: &class, version }.unwrap(&master, &wrapped)?;
        }
        Ok(Self { connection, master })
    }

    /// Answers all of a batch after its one commit.
    pub(super) fn answer(&mut self, batch: Vec<Request>) {
        let destroys = batch.iter().any(|request| matches!(request.wish, Wish::Destroy));
        match self.commit(&batch, destroys) {
            Ok(answers) => {
                for (request, answer) in batch.into_iter().zip(answers) {
                    // Who asked may have gone.
                    drop(request.answer.send(answer));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for request in batch {
                    let error = Error::Unavailable(Box::new(Arc::clone(&error)));
                    drop(request.answer.send(Err(error)));
                }
            }
        }
    }

    fn commit(&mut self, batch: &[Request], destroys: bool) -> rusqlite::Result<Vec<Answer>> {
        let reads = batch.iter().all(|request| matches!(request.wish, Wish::Get(_)));
        // A transaction that reads first could not become a writer behind another process.
        let behavior =
            if reads { TransactionBehavior::Deferred } else { TransactionBehavior::Immediate };
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let rows = Rows { transaction: &transaction, master: &self.master };
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch {
            match rows.answer(request) {
                Err(Fault::Store(error)) => return Err(error),
                Err(Fault::Key(error)) => answers.push(Err(error)),
                Ok(current) => answers.push(Ok(current)),
            }
        }
        transaction.commit()?;
        if destroys && !self.truncate_wal()? {
            for (request, answer) in batch.iter().zip(&mut answers) {
                if matches!(request.wish, Wish::Destroy) {
                    let what = "a destroyed key still stands in the WAL, which somebody reads";
                    *answer = Err(Error::Unavailable(what.into()));
                }
            }
        }
        Ok(answers)
    }

    /// Whether nothing is left in it. A reader of another process can be in the way.
    fn truncate_wal(&self) -> rusqlite::Result<bool> {
        let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.query_row(truncate, [], |row| Ok(row.get::<_, i64>(0)? == 0))
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.execute_batch(include_str!("schema.sql"))?;
    Ok(connection)
}

enum Fault {
    /// Undoes the whole batch.
    Store(rusqlite::Error),
    /// Is the answer of one wish.
    Key(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Key(error)
    }
}

struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    master: &'a DataKey,
}

impl Rows<'_> {
    fn answer(&self, request: &Request) -> Result<Current, Fault> {
        let Request { person, class, .. } = *request;
        match &request.wish {
            Wish::Destroy => self.destroy(person, class),
            _wish if self.is_erased(person, class)? => Ok(Current::Erased),
            Wish::Get(version) => self.read(person, class, *version),
            Wish::Current(fresh) => match self.newest(person, class)? {
                0 => self.add(person, class, 1, fresh),
                version => self.read(person, class, version),
            },
            Wish::Rotate(fresh) => {
                let version = self.newest(person, class)?.saturating_add(1);
                self.add(person, class, version, fresh)
            }
        }
    }

    fn is_erased(&self, person: PersonId, class: RetentionClass) -> rusqlite::Result<bool> {
        self.transaction
            .prepare_cached(include_str!("vault/is_erased.sql"))?
            .exists(params![id(person), class.as_str()])
    }

    /// 0 where there is none.
    fn newest(&self, person: PersonId, class: RetentionClass) -> rusqlite::Result<u32> {
        self.transaction
            .prepare_cached(include_str!("vault/select_newest_version.sql"))?
            .query_row(params![id(person), class.as_str()], |row| row.get(0))
    }

    fn read(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
    ) -> Result<Current, Fault> {
        let wrapped: Option<Vec<u8>> = self
            .transaction
            .prepare_cached(include_str!("vault/select_key.sql"))?
            .query_row(params![id(person), class.as_str(), version], |row| row.get(0))
            .optional()?;
        let Some(wrapped) = wrapped else {
            return Err(Fault::Key(Error::Tampered("there was never such a key")));
        };
        let key = Slot::new(person, class, version).unwrap(self.master, &wrapped)?;
        Ok(Current::Key { version, key })
    }

    fn add(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
        fresh: &Fresh,
    ) -> Result<Current, Fault> {
        let wrapped = Slot::new(person, class, version).wrap(self.master, fresh)?;
        self.transaction.prepare_cached(include_str!("vault/insert_key.sql"))?.execute(params![
            id(person),
            class.as_str(),
            version,
            wrapped
        ])?;
        Ok(Current::Key { version, key: fresh.key.clone() })
    }

    fn destroy(&self, person: PersonId, class: RetentionClass) -> Result<Current, Fault> {
        let row = params![id(person), class.as_str()];
        self.transaction.execute(include_str!("vault/delete_keys.sql"), row)?;
        self.transaction.execute(include_str!("vault/insert_erased.sql"), row)?;
        Ok(Current::Erased)
    }
}

fn id(person: PersonId) -> [u8; 16] {
    person.as_uuid().into_bytes()
}

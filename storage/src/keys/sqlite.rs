//! Keys in a SQLite file of their own, wrapped under the master key.
//!
//! One thread owns the file. It takes all wishes that wait and answers them after one commit, so
//! that many new persons cost one flush. `synchronous` is FULL: what is sealed must open again.
//! `secure_delete` and a truncated WAL leave no destroyed key in the files.

mod vault;

use std::path::PathBuf;

use async_trait::async_trait;
use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;
use tokio::sync::{mpsc, oneshot};

use self::vault::Vault;
use super::wrap::Fresh;
use super::{Current, DataKey, Error, Keys};
use crate::world::World;

/// The most wishes that wait, and that share a commit.
const QUEUE_MAX: usize = 1_024;
const BATCH_MAX: usize = 256;

/// The adapter.
#[derive(Debug)]
pub struct Store {
    world: World,
    wishes: mpsc::Sender<Request>,
}

type Answer = Result<Current, Error>;

#[derive(Debug)]
struct Request {
    person: PersonId,
    class: RetentionClass,
    wish: Wish,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
enum Wish {
    Current(Fresh),
    Get(u32),
    Rotate(Fresh),
    Destroy,
}

impl Store {
    /// Opens or creates the file and, for a store without keys, the master key.
    ///
    /// # Errors
    /// [`Error::Configuration`] where either cannot be opened, [`Error::Tampered`] where the master
    /// key does not open what is stored.
    pub async fn open(path: PathBuf, master: PathBuf, world: World) -> Result<Self, Error> {
        let (wishes, requests) = mpsc::channel(QUEUE_MAX);
        let (opened, is_open) = oneshot::channel();
        let of_thread = world.clone();
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || match Vault::open(&path, &master, &of_thread) {
                Ok(vault) => {
                    if opened.send(Ok(())).is_ok() {
                        serve(vault, requests);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            })
            .map_err(|error| Error::Configuration(error.to_string()))?;
        is_open.await.map_err(|error| Error::Unavailable(Box::new(error)))??;
        Ok(Self { world, wishes })
    }

    async fn ask(&self, person: PersonId, class: RetentionClass, wish: Wish) -> Answer {
        let (answer, answered) = oneshot::channel();
        let sent = self.wishes.send(Request { person, class, wish, answer }).await;
        sent.map_err(|_| Error::Unavailable("the thread of keys has ended".into()))?;
        answered.await.map_err(|error| Error::Unavailable(Box::new(error)))?
    }
}

fn serve(mut vault: Vault, mut requests: mpsc::Receiver<Request>) {
    while let Some(first) = requests.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX
            && let Ok(request) = requests.try_recv()
        {
            batch.push(request);
        }
        vault.answer(batch);
    }
}

#[async_trait]
impl Keys for Store {
    async fn current(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error> {
        self.ask(person, class, Wish::Current(Fresh::draw(&self.world))).await
    }

    async fn get(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
    ) -> Result<Option<DataKey>, Error> {
        match self.ask(person, class, Wish::Get(version)).await? {
            Current::Key { key, .. } => Ok(Some(key)),
            Current::Erased => Ok(None),
        }
    }

    async fn rotate(&self, person: PersonId, class: RetentionClass) -> Result<Current, Error> {
        self.ask(person, class, Wish::Rotate(Fresh::draw(&self.world))).await
    }

    async fn destroy(&self, person: PersonId, class: RetentionClass) -> Result<(), Error> {
        self.ask(person, class, Wish::Destroy).await.map(drop)
    }
}

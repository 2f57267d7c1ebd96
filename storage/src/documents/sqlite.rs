//! Documents in SQLite: one table a generation, whose indexed fields are generated columns.
//!
//! WAL lets readers go on while the one writer writes. `synchronous` is NORMAL: a power cut may
//! lose the last commits, never half of one, and as documents and checkpoint are one commit, the
//! view takes up again where the file says it is.

mod pool;
mod read;
mod table;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::Mutex;

use self::pool::Readers;
use super::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, Serving, Stored, check,
};
use crate::access::{Access, READ_ONLY};

/// The adapter. Every process of a `--data` folder may have one open.
#[derive(Debug)]
pub struct Store {
    /// `None` where it was opened to be read.
    writer: Option<Arc<Mutex<Connection>>>,
    readers: Readers,
}

/// Reads up to this size (a few 10 µs) run where they are asked; a hop to another thread costs as
/// much as they do.
const BRIEF_ROWS: usize = 50;

impl Store {
    /// Opens the file, which a writer creates.
    ///
    /// # Errors
    /// [`Error::Configuration`] where it cannot be opened.
    pub async fn open(path: &Path, access: Access) -> Result<Self, Error> {
        let path = PathBuf::from(path);
        blocking(move || {
            let unfit = |error| Error::Configuration(format!("{}: {error}", path.display()));
            let writer = match access {
                Access::Read => {
                    pool::look(&path).map_err(unfit)?;
                    None
                }
                Access::Write => Some(pool::writer(&path).map_err(unfit)?),
            };
            let writer = writer.map(|writer| Arc::new(Mutex::new(writer)));
            Ok(Self { writer, readers: Readers::new(path) })
        })
        .await
    }

    /// Runs to its end even when the caller goes away.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let Some(writer) = self.writer.clone() else {
            return Err(Error::Invalid(READ_ONLY.to_owned()));
        };
        let mut writer = writer.lock_owned().await;
        blocking(move || work(&mut writer)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Unavailable(Box::new(error))))
}

/// A reader may be there before the first writer.
fn none_of_nothing<T: Default>(read: Result<T, Error>) -> Result<T, Error> {
    match read {
        Err(Error::Undeclared) => Ok(T::default()),
        read => read,
    }
}

fn error(error: rusqlite::Error) -> Error {
    let text = error.to_string();
    if text.contains("no such table") || text.contains("no such column") {
        Error::Undeclared
    } else if text.contains("malformed JSON") {
        Error::Invalid("document is nested too deep".to_owned())
    } else {
        Error::Unavailable(Box::new(error))
    }
}

#[async_trait]
impl Documents for Store {
    async fn declare(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        check::collection(collection)?;
        let collection = *collection;
        self.write(move |writer| write::declare(writer, &collection, generation)).await
    }

    async fn put(
        &self,
        collection: &Collection,
        generation: Generation,
        documents: &[Stored],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error> {
        check::put(collection, generation, documents, checkpoint)?;
        let (name, documents, checkpoint) =
            (collection.name, documents.to_vec(), checkpoint.cloned());
        self.write(move |writer| {
            write::put(writer, name, generation, &documents, checkpoint.as_ref())
        })
        .await
    }

    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error> {
        check::collection(collection)?;
        check::ids(ids)?;
        let name = collection.name;
        if ids.len() <= BRIEF_ROWS {
            return self.readers.brief(|reader| read::get(reader, name, generation, ids)).await;
        }
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        self.readers.long(move |reader| read::get(reader, name, generation, &ids)).await
    }

    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error> {
        let index = check::find(collection, find)?;
        let find = read::IndexFind::new(collection.name, generation, index, find);
        if find.limit <= BRIEF_ROWS {
            return self.readers.brief(|reader| find.run(reader)).await;
        }
        self.readers.long(move |reader| find.run(reader)).await
    }

    async fn scan(
        &self,
        collection: &Collection,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, Error> {
        check::collection(collection)?;
        check::limit(limit)?;
        // No id is empty, so this is before the first.
        let (name, after) = (collection.name, after.unwrap_or_default().to_owned());
        self.readers.long(move |reader| read::scan(reader, name, generation, &after, limit)).await
    }

    async fn drop_generation(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<(), Error> {
        check::collection(collection)?;
        let name = collection.name;
        self.write(move |writer| write::drop_generation(writer, name, generation)).await
    }

    async fn checkpoint(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, Error> {
        let name = collection.name;
        none_of_nothing(
            self.readers.brief(|reader| read::checkpoint(reader, name, generation)).await,
        )
    }

    async fn serving(&self, collection: &Collection) -> Result<Option<Generation>, Error> {
        let name = collection.name;
        none_of_nothing(self.readers.brief(|reader| read::serving(reader, name)).await)
    }

    async fn all_serving(&self) -> Result<BTreeMap<String, Serving>, Error> {
        none_of_nothing(self.readers.brief(read::all_serving).await)
    }

    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        check::collection(collection)?;
        let name = collection.name;
        self.write(move |writer| write::serve(writer, name, generation)).await
    }
}

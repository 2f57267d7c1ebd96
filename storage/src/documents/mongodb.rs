//! Documents in MongoDB 6 to 8: one collection a generation, and one document a view that says which
//! generations there are, how far each is and which one serves.
//!
//! Writes touch single documents and are guarded by position, so none needs a transaction: a put
//! that was cut off is repeated, and its checkpoint follows what it covers.

mod connect;
mod format;
mod read;
mod server;
mod view;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use mongodb::Database;
use mongodb::error::{ErrorKind, WriteFailure};

use super::{
    Checkpoint, Collection, Documents, Error, Find, Found, Generation, Serving, Stored, check,
};
use crate::access::{Access, READ_ONLY};

/// The adapter. Any number of processes may share a database.
#[derive(Debug)]
pub struct Store {
    database: Database,
    access: Access,
}

/// What one command may take. The driver bounds finding a server and connecting to it, and leaves
/// an answer that never comes to its caller.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// The same of what somebody waits for: documents by their ids or of a page, and how far a view is.
const READ_TIMEOUT: Duration = Duration::from_secs(7);
/// Building an index over a collection that is already full takes its time.
const INDEX_TIMEOUT: Duration = Duration::from_secs(600);

const UNAUTHORIZED: i32 = 13;

impl Store {
    /// Connects to `mongodb://[USER:PASSWORD@]HOST[:PORT][,…]/DATABASE[?OPTIONS]`.
    ///
    /// # Errors
    /// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
    pub async fn open(url: &str, access: Access) -> Result<Self, Error> {
        Ok(Self { database: connect::database(url, access).await?, access })
    }

    fn writable(&self) -> Result<&Database, Error> {
        match self.access {
            Access::Read => Err(Error::Invalid(READ_ONLY.to_owned())),
            Access::Write => Ok(&self.database),
        }
    }
}

async fn bounded<T>(
    patience: Duration,
    work: impl Future<Output = mongodb::error::Result<T>>,
) -> Result<T, Error> {
    let done = tokio::time::timeout(patience, work).await;
    done.map_err(|late| Error::Unavailable(Box::new(late)))?.map_err(error)
}

async fn command<T>(work: impl Future<Output = mongodb::error::Result<T>>) -> Result<T, Error> {
    bounded(COMMAND_TIMEOUT, work).await
}

async fn look<T>(work: impl Future<Output = mongodb::error::Result<T>>) -> Result<T, Error> {
    bounded(READ_TIMEOUT, work).await
}

fn error(error: mongodb::error::Error) -> Error {
    let code = if let ErrorKind::Command(command) = &*error.kind {
        Some(command.code)
    } else if let ErrorKind::Write(WriteFailure::WriteError(write)) = &*error.kind {
        Some(write.code)
    } else {
        None
    };
    let is_configuration = matches!(
        *error.kind,
        ErrorKind::Authentication { .. }
            | ErrorKind::IncompatibleServer { .. }
            | ErrorKind::InvalidArgument { .. }
            | ErrorKind::InvalidTlsConfig { .. }
    );
    // The others are AuthenticationFailed, IndexOptionsConflict, IndexKeySpecsConflict.
    if is_configuration || matches!(code, Some(UNAUTHORIZED | 18 | 85 | 86)) {
        let advice = if code == Some(UNAUTHORIZED) {
            ": give the URL a user and password, and the user the role read on the database, or \
             readWrite where it writes"
        } else {
            ""
        };
        return Error::Configuration(format!("{}{advice}", error.kind));
    }
    Error::Unavailable(Box::new(error))
}

fn undeclared<T>() -> Result<T, Error> {
    Err(Error::Undeclared)
}

#[async_trait]
impl Documents for Store {
    async fn declare(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        check::collection(collection)?;
        let database = self.writable()?;
        write::create_indexes(database, collection, generation).await?;
        view::declare(database, collection.name, generation).await
    }

    async fn put(
        &self,
        collection: &Collection,
        generation: Generation,
        documents: &[Stored],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error> {
        check::frame(collection, generation, documents, checkpoint)?;
        let database = self.writable()?;
        if !documents.is_empty() {
            view::require(database, collection.name, generation).await?;
            write::upsert(database, collection, generation, documents).await?;
        }
        match checkpoint {
            Some(checkpoint) => view::record(database, collection.name, checkpoint).await,
            None => Ok(()),
        }
    }

    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error> {
        check::collection(collection)?;
        check::ids(ids)?;
        let found = read::get(&self.database, collection.name, generation, ids).await?;
        // A collection that is not there reads as an empty one.
        if found.iter().all(Option::is_none) {
            view::require(&self.database, collection.name, generation).await?;
        }
        Ok(found)
    }

    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error> {
        let index = check::find(collection, find)?;
        let found = read::find(&self.database, collection.name, generation, (index, find)).await?;
        if found.is_empty() {
            view::require(&self.database, collection.name, generation).await?;
        }
        Ok(found)
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
        let page = (after.unwrap_or_default(), limit);
        let found = read::scan(&self.database, collection.name, generation, page).await?;
        if found.is_empty() {
            view::require(&self.database, collection.name, generation).await?;
        }
        Ok(found)
    }

    async fn drop_generation(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<(), Error> {
        check::collection(collection)?;
        let database = self.writable()?;
        view::forget(database, collection.name, generation).await?;
        write::drop_collection(database, collection.name, generation).await
    }

    async fn checkpoint(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, Error> {
        view::checkpoint(&self.database, collection.name, generation).await
    }

    async fn serving(&self, collection: &Collection) -> Result<Option<Generation>, Error> {
        view::serving(&self.database, collection.name).await
    }

    async fn all_serving(&self) -> Result<BTreeMap<String, Serving>, Error> {
        view::all_serving(&self.database).await
    }

    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error> {
        check::collection(collection)?;
        view::serve(self.writable()?, collection.name, generation).await
    }
}

//! Documents: what views keep, each with the position it rests on. Narrow on purpose: whatever needs
//! computing is computed in a view.

mod check;
#[cfg(any(test, feature = "testing"))]
pub mod database_url;
#[cfg(feature = "mongodb")]
pub mod mongodb;
pub mod sqlite;
pub mod watched;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::Position;

use crate::access::Access;

/// A set of documents of one shape, with the fields they can be found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Lower-case letters, digits and `_`.
    pub name: &'static str,
    pub indexes: &'static [Index],
}

/// Documents whose `equals` fields have given values, ordered by `sort` and then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    /// Top-level fields of the document that hold a string. A document that lacks one is not found.
    pub equals: &'static [&'static str],
    /// A top-level field that holds a string (ids, RFC 3339 instants) or a non-negative integer.
    pub sort: &'static str,
}

/// Which generation of a collection: a rebuild writes the next one beside the one that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

/// A document, or the tombstone of one, and the position it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: String,
    pub position: Position,
    /// The JSON bytes as they were written; `None` for a tombstone.
    pub body: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// One page of a find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find<'a> {
    pub index: &'a str,
    /// A value for each of the index's `equals` fields, in their order.
    pub equals: &'a [&'a str],
    pub direction: Direction,
    /// Where the page before ended.
    pub after: Option<Key>,
    /// At most [`PAGE_MAX`].
    pub limit: usize,
}

/// Where a document stands in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub sort: SortValue,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    Integer(i64),
    Text(String),
}

/// A found document and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub key: Key,
    pub document: Stored,
}

/// A share of a view's events with progress of its own: partition `number` of the `of` that a bus has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    pub of: u32,
    pub number: u32,
}

impl Part {
    /// All events, in the log's order.
    pub const WHOLE: Self = Self { of: 1, number: 0 };
}

/// What a view's runner keeps beside its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub generation: Generation,
    /// Of each part: every event of it up to here is in the documents. Stored, none of them falls.
    pub parts: BTreeMap<Part, Position>,
    /// The log's epoch when it was written.
    pub epoch: u32,
}

impl Checkpoint {
    /// Of a view that is not divided.
    #[must_use]
    pub fn whole(generation: Generation, position: Position, epoch: u32) -> Self {
        Self { generation, parts: BTreeMap::from([(Part::WHOLE, position)]), epoch }
    }

    /// Every event up to here is in the documents, by whichever division of the events says most: the
    /// lowest of one that is complete.
    #[must_use]
    pub fn position(&self) -> Position {
        let mut divisions: BTreeMap<u32, Vec<Position>> = BTreeMap::new();
        for (part, position) in &self.parts {
            divisions.entry(part.of).or_default().push(*position);
        }
        let complete = divisions
            .into_iter()
            .filter(|(of, parts)| usize::try_from(*of).is_ok_and(|of| parts.len() == of));
        complete.filter_map(|(_, parts)| parts.into_iter().min()).max().unwrap_or_default()
    }

    /// Every event of this part up to here is in the documents.
    #[must_use]
    pub fn reached(&self, part: Part) -> Position {
        self.parts.get(&part).copied().unwrap_or_default().max(self.position())
    }
}

/// The generation of a collection that serves, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    pub generation: Generation,
    /// `None` before its first.
    pub checkpoint: Option<Checkpoint>,
}

/// The most documents of one page, one get and one put.
pub const PAGE_MAX: usize = 1_000;
pub const PUT_MAX: usize = 10_000;
pub const DOCUMENT_BYTES_MAX: usize = 8 << 20;
pub const ID_BYTES_MAX: usize = 512;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("document store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The caller broke this port's contract or a limit.
    #[error("request is invalid: {0}")]
    Invalid(String),
    /// Nobody has declared the generation.
    #[error("generation was not declared")]
    Undeclared,
    #[error("document store cannot be opened: {0}")]
    Configuration(String),
}

/// The port.
#[async_trait]
pub trait Documents: fmt::Debug + Send + Sync + 'static {
    /// Creates a generation of a collection and its indexes, where they are missing.
    async fn declare(&self, collection: &Collection, generation: Generation) -> Result<(), Error>;

    /// Writes each document whose position is higher than the stored one's; the others are left as
    /// they are. `checkpoint`, if given, is that of this generation; its parts are joined to those that
    /// are stored. It is written in the same transaction where the store has one, else after the
    /// documents: readers may then see a part of the put, and never a checkpoint ahead of its documents.
    async fn put(
        &self,
        collection: &Collection,
        generation: Generation,
        documents: &[Stored],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error>;

    /// The documents (and tombstones) with these ids, in their order; `None` where there is none.
    async fn get(
        &self,
        collection: &Collection,
        generation: Generation,
        ids: &[&str],
    ) -> Result<Vec<Option<Stored>>, Error>;

    /// One page by a declared index, tombstones left out.
    async fn find(
        &self,
        collection: &Collection,
        generation: Generation,
        find: &Find<'_>,
    ) -> Result<Vec<Found>, Error>;

    /// Every document and tombstone in the order of ids, after `after`.
    async fn scan(
        &self,
        collection: &Collection,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, Error>;

    /// Removes a generation that serves no more.
    async fn drop_generation(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<(), Error>;

    /// The progress of a generation; `None` before its first checkpoint.
    async fn checkpoint(
        &self,
        collection: &Collection,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, Error>;

    /// The generation that serves; `None` before the first.
    async fn serving(&self, collection: &Collection) -> Result<Option<Generation>, Error>;

    /// What serves of every collection, by the collection's name, in one read.
    async fn all_serving(&self) -> Result<BTreeMap<String, Serving>, Error>;

    /// Makes a generation the one that serves, atomically.
    async fn serve(&self, collection: &Collection, generation: Generation) -> Result<(), Error>;
}

/// A store that roles share.
pub type SharedDocuments = Arc<dyn Documents>;

/// Opens the store that the URL's scheme names: `sqlite:PATH` or `mongodb://HOST/DATABASE`.
///
/// # Errors
/// [`Error::Configuration`] where no adapter has this scheme, the store cannot be opened or its user
/// may not write it; [`Error::Unavailable`] where it does not answer.
pub async fn open(url: &str) -> Result<SharedDocuments, Error> {
    open_for(Access::Write, url).await
}

/// Opens the store to be read, beside whoever writes it. What is not there yet reads as undeclared, and
/// every write as [`Error::Invalid`].
///
/// # Errors
/// As [`open`], of a user who may not read it.
pub async fn open_read_only(url: &str) -> Result<SharedDocuments, Error> {
    open_for(Access::Read, url).await
}

async fn open_for(access: Access, url: &str) -> Result<SharedDocuments, Error> {
    match url.split_once(':') {
        Some(("sqlite", path)) => Ok(Arc::new(sqlite::Store::open(path.as_ref(), access).await?)),
        #[cfg(feature = "mongodb")]
        Some(("mongodb", _)) => Ok(Arc::new(mongodb::Store::open(url, access).await?)),
        #[cfg(not(feature = "mongodb"))]
        Some(("mongodb", _)) => Err(Error::Configuration(
            "this build has no MongoDB: build it with the cargo feature `mongodb`".to_owned(),
        )),
        Some(_) | None => Err(Error::Configuration(
            "the URL of documents starts with sqlite: or mongodb://".to_owned(),
        )),
    }
}

//! Search in Elasticsearch (8 or newer) or OpenSearch (2 or newer): an index a generation, each of one
//! shard, so that counts are exact and ties are broken the same everywhere.
//!
//! An entry's position is its version in the index: an older write is refused by the server itself,
//! and what was removed leaves its id and position. Words and their weights are those of the port;
//! the server adds what only it knows of Korean, by nori.

mod address;
mod document;
mod index;
mod problems;
mod query;
mod read;
mod rights;
mod server;
mod write;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use self::address::Address;
use self::index::Index;
use self::server::Server;
use super::lexicon::Lexicon;
use super::plan::Plan;
use super::suggest::Typed;
use super::{Entry, Error, Hits, Query, Search, check, highlight};
use crate::access::{Access, READ_ONLY};
use crate::documents::Generation;

/// What all questions at the start may take.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The adapter. Any number of processes may share an index.
#[derive(Debug)]
pub struct Store {
    server: Server,
    prefix: String,
    lexicon: Lexicon,
    access: Access,
}

impl Store {
    /// Connects to `http(s)://[USER:PASSWORD@]HOST[:PORT][?prefix=NAME][&lexicon=FILE][&ca=FILE]`.
    /// Installations that share a server each have a prefix of their own; a lexicon adds names to the
    /// built-in ones. A server's certificate is good by an authority that browsers know, or by one in
    /// the file, in PEM.
    ///
    /// # Errors
    /// [`Error::Configuration`] says all that has to be changed, [`Error::Unavailable`] that the
    /// server does not answer.
    pub async fn open(url: &str, access: Access) -> Result<Self, Error> {
        let Address { transport, prefix, lexicon } = Address::read(url)?;
        let lexicon = match lexicon {
            Some(file) => Lexicon::from_file(&file)?,
            None => Lexicon::built_in()?,
        };
        let server = Server::new(transport);
        let checked = timeout(OPEN_TIMEOUT, problems::none(&server, &prefix, access)).await;
        checked.map_err(|silent| Error::Unavailable(Box::new(silent)))??;
        Ok(Self { server, prefix, lexicon, access })
    }

    fn index(&self, generation: Generation) -> Index {
        Index::new(&self.prefix, generation)
    }

    fn writable(&self, generation: Generation) -> Result<Index, Error> {
        match self.access {
            Access::Read => Err(Error::Invalid(READ_ONLY)),
            Access::Write => Ok(self.index(generation)),
        }
    }
}

#[async_trait]
impl Search for Store {
    async fn declare(&self, generation: Generation) -> Result<(), Error> {
        self.writable(generation)?.declare(&self.server, &self.lexicon).await
    }

    async fn put(&self, generation: Generation, entries: Vec<Entry>) -> Result<(), Error> {
        check::entries(&entries)?;
        write::put(&self.server, &self.writable(generation)?, &entries).await
    }

    async fn search(&self, generation: Generation, query: &Query) -> Result<Hits, Error> {
        check::query(query)?;
        let plan = query.text.as_ref().map(|text| Plan::of(text, &self.lexicon));
        read::search(&self.server, &self.index(generation), query, plan.as_ref()).await
    }

    async fn suggest(
        &self,
        generation: Generation,
        typed: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        check::suggestions(typed, limit)?;
        let index = self.index(generation);
        let Some(typed) = Typed::of(typed) else {
            return index.require(&self.server).await.map(|()| Vec::new());
        };
        let head = Plan::of(&typed.head, &self.lexicon);
        read::suggest(&self.server, &index, (&typed, &head), limit).await
    }

    fn highlights(&self, text: &str, title: &str) -> Vec<Range<usize>> {
        highlight::highlights(&Plan::of(text, &self.lexicon), title)
    }

    async fn scan(
        &self,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        check::scan(limit)?;
        read::scan(&self.server, &self.index(generation), after, limit).await
    }

    async fn drop_generation(&self, generation: Generation) -> Result<(), Error> {
        self.writable(generation)?.drop(&self.server).await
    }
}

//! Search: find listings by text, filters, price and order, with counts by facet. It answers with
//! ids; the documents are in `documents`.

mod check;
mod distance;
#[cfg(feature = "elasticsearch")]
pub mod elasticsearch;
mod facet;
mod hangul;
mod highlight;
mod lexicon;
mod plan;
mod rank;
mod suggest;
pub mod tantivy;
#[cfg(any(test, feature = "testing"))]
pub mod watched;
mod words;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::Position;
use events_schema::point::Point;
use serde::{Deserialize, Serialize};

use self::distance::Near;
pub use self::facet::Facet;
use crate::access::Access;
use crate::documents::Generation;

/// What one searchable thing is found by. Fixed for all adapters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// Of the last event that changed it; an older write is ignored.
    pub position: Position,
    /// `None` removes the entry (and leaves its position, so that nothing older revives it).
    pub fields: Option<Fields>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    pub title: String,
    pub description: String,
    pub brand: Option<String>,
    pub tags: Vec<String>,
    /// The category and all above it, by id.
    pub categories: Vec<String>,
    /// The region and all above it, as names joined by `/`: `서울특별시`, `서울특별시/마포구` …
    pub regions: Vec<String>,
    pub condition: String,
    pub seller_id: String,
    pub seller_kind: String,
    pub status: String,
    pub price_minor: u64,
    pub currency: String,
    pub created_at_micros: i64,
    /// How many persons like it.
    #[serde(default)]
    pub likes: u64,
    /// Where the goods change hands.
    pub point: Option<Point>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// As typed. Never interpreted as syntax.
    pub text: Option<String>,
    /// Field and value: `category`, `region`, `condition`, `seller_id`, `seller_kind`, `status`,
    /// `currency`, `brand`. Several values of one field are alternatives; fields are all required.
    pub filters: Vec<(Facet, String)>,
    pub price_min: Option<u64>,
    pub price_max: Option<u64>,
    /// Where distances are measured from.
    pub near: Option<Point>,
    /// Leaves out what is further from `near`, or has no point: 1 to [`WITHIN_METRES_MAX`].
    pub within_metres: Option<u32>,
    pub sort: Sort,
    /// Facets to count, at most [`FACET_VALUES_MAX`] values each, over all matches.
    pub facets: Vec<Facet>,
    pub after: Option<Cursor>,
    /// At most [`PAGE_MAX`].
    pub limit: usize,
}

impl Query {
    /// Whatever there is.
    #[must_use]
    pub const fn everything(sort: Sort, limit: usize) -> Self {
        Self {
            text: None,
            filters: vec![],
            price_min: None,
            price_max: None,
            near: None,
            within_metres: None,
            sort,
            facets: vec![],
            after: None,
            limit,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Best match first; newest first where no text is given.
    Relevance,
    Newest,
    PriceAscending,
    PriceDescending,
    /// The nearest to [`Query::near`] first. What has no point is left out: it is no distance away.
    Distance,
}

impl Query {
    /// What hits are ordered by: without a text no match is better than another.
    const fn order(&self) -> Sort {
        match self.sort {
            Sort::Relevance if self.text.is_some() => Sort::Relevance,
            Sort::Relevance | Sort::Newest => Sort::Newest,
            Sort::PriceAscending => Sort::PriceAscending,
            Sort::PriceDescending => Sort::PriceDescending,
            Sort::Distance => Sort::Distance,
        }
    }

    /// Whether it matters how far away something is.
    fn measures(&self) -> bool {
        self.within_metres.is_some() || self.sort == Sort::Distance
    }

    fn measured(&self) -> Option<Near> {
        let near = self.near.filter(|_| self.measures());
        near.map(|near| Near::new(near, self.within_metres))
    }
}

/// Where a page ended: the sort value and the id, which breaks ties.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub value: String,
    pub id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub ids: Vec<String>,
    pub total: u64,
    pub facets: Vec<(Facet, Vec<(String, u64)>)>,
    /// `None` when this was the last page.
    pub next: Option<Cursor>,
}

pub const PAGE_MAX: usize = 100;
pub const FACET_VALUES_MAX: usize = 50;
pub const TEXT_BYTES_MAX: usize = 400;
pub const WITHIN_METRES_MAX: u32 = 1_000_000;
/// The most filters of one query, and entries of one page of a scan.
pub const FILTERS_MAX: usize = 100;
pub const SCAN_MAX: usize = 1_000;
pub const ID_BYTES_MAX: usize = 512;
pub const SUGGESTIONS_MAX: usize = 20;

/// An entry that the index does not take, whatever else happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub id: String,
    /// In the server's words, which may quote the entry.
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("search is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("search is invalid: {0}")]
    Invalid(&'static str),
    /// The others of the same put were written.
    #[error("search refuses {} entries", .0.len())]
    Refused(Vec<Refused>),
    #[error("search cannot be opened: {0}")]
    Configuration(String),
}

/// The port.
#[async_trait]
pub trait Search: fmt::Debug + Send + Sync + 'static {
    /// Creates a generation of the index where it is missing.
    async fn declare(&self, generation: Generation) -> Result<(), Error>;

    /// Writes entries and makes them searchable before it returns. Older than stored: ignored.
    async fn put(&self, generation: Generation, entries: Vec<Entry>) -> Result<(), Error>;

    async fn search(&self, generation: Generation, query: &Query) -> Result<Hits, Error>;

    /// Whole texts that may be meant by one that is being typed, the most frequent first: its last
    /// word, be a syllable in progress or only initials typed, completed by a word that at least two
    /// titles have. None where no word is in progress. `limit` is 1 to [`SUGGESTIONS_MAX`].
    async fn suggest(
        &self,
        generation: Generation,
        typed: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error>;

    /// Where in a title the words stand that a text finds it by: ranges of bytes, in order and apart.
    fn highlights(&self, text: &str, title: &str) -> Vec<Range<usize>>;

    /// Every entry in the order of ids, for checks.
    async fn scan(
        &self,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error>;

    async fn drop_generation(&self, generation: Generation) -> Result<(), Error>;
}

pub type SharedSearch = Arc<dyn Search>;

/// Opens the index that the URL's scheme names.
///
/// `tantivy:FOLDER`, or, with the feature `elasticsearch`, that of Elasticsearch or OpenSearch at
/// `http(s)://[USER:PASSWORD@]HOST[:PORT][?prefix=NAME][&lexicon=FILE]`.
///
/// # Errors
/// [`Error::Configuration`] where no adapter has this scheme, or all that is wrong with what it names;
/// [`Error::Unavailable`] where a server does not answer.
pub async fn open(url: &str) -> Result<SharedSearch, Error> {
    open_for(Access::Write, url).await
}

/// Opens the index to be read, beside whoever writes it: it makes nothing, and every write is
/// [`Error::Invalid`].
///
/// # Errors
/// As [`open`].
pub async fn open_read_only(url: &str) -> Result<SharedSearch, Error> {
    open_for(Access::Read, url).await
}

async fn open_for(access: Access, url: &str) -> Result<SharedSearch, Error> {
    match url.split_once(':') {
        Some(("tantivy", folder)) => {
            Ok(Arc::new(tantivy::Store::open(folder.into(), access).await?))
        }
        #[cfg(feature = "elasticsearch")]
        Some(("http" | "https", _)) => Ok(Arc::new(elasticsearch::Store::open(url, access).await?)),
        #[cfg(not(feature = "elasticsearch"))]
        Some(("http" | "https", _)) => Err(Error::Configuration(
            "this build has no Elasticsearch: build it with the cargo feature `elasticsearch`"
                .to_owned(),
        )),
        Some(_) | None => Err(Error::Configuration(
            "the URL of search starts with tantivy:, http: or https:".to_owned(),
        )),
    }
}

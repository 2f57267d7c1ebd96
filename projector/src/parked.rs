//! Parked documents: an event did not fit, so it and all that come after it queue up, durably, until
//! somebody has mended the cause and un-parks the document. Others flow.

mod kept;
mod unpark;

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{
    self, Collection, Direction, Documents, Find, Generation, Index, PAGE_MAX, Stored,
};

pub(crate) use self::kept::{Parked, Waiting};
pub use self::unpark::{ANSWER_TIMEOUT, Error, Unparked, find, unpark};
use crate::view::Poison;

pub const COLLECTION: Collection = Collection {
    name: "parked",
    indexes: &[
        Index { name: "by_view", equals: &["view"], sort: "parked_at" },
        Index { name: "by_time", equals: &[], sort: "parked_at" },
    ],
};
/// The collection is no view: it has one generation.
pub const GENERATION: Generation = Generation(0);
/// The most events that queue behind one document. Beyond it the view stops.
pub const QUEUE_MAX: usize = 65_536;
/// Longer reasons are cut.
const REASON_CHARS_MAX: usize = 300;

/// One parked document. The id is `view/generation/key`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub view: String,
    pub generation: u32,
    pub key: String,
    #[serde(default)]
    pub code: Code,
    /// Why the first of its events did not fit. It names no person.
    pub reason: String,
    /// What waits to be applied, ascending.
    pub positions: Vec<Position>,
    /// Those of its events, ascending, whose letters are not out yet. They may be all that is left of
    /// it: then it flows again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<Position>,
    pub parked_at: Timestamp,
}

/// What kind of thing parks a document.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The event makes no sense for the document.
    #[default]
    Poison,
    /// The search index does not take the document.
    SearchRefused,
}

impl Code {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poison => "poison",
            Self::SearchRefused => "search_refused",
        }
    }
}

/// Why a document is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    code: Code,
    reason: String,
}

impl From<Poison> for Why {
    fn from(poison: Poison) -> Self {
        Self { code: Code::Poison, reason: poison.0.to_owned() }
    }
}

impl Why {
    /// What is searched is published: a reason that quotes it tells nothing of a person.
    pub(crate) fn refused(reason: &str) -> Self {
        let reason = reason.chars().take(REASON_CHARS_MAX).collect();
        Self { code: Code::SearchRefused, reason }
    }
}

fn id(view: &str, generation: Generation, key: &str) -> String {
    format!("{view}/{}/{key}", generation.0)
}

/// The parked documents of a view, of whichever generation, longest parked first.
///
/// # Errors
/// As the store's.
pub async fn list(store: &dyn Documents, view: &str) -> Result<Vec<Document>, documents::Error> {
    Ok(parked(stored(store, view).await?))
}

/// The parked documents of all views, longest parked first.
pub(crate) async fn of_all_views(store: &dyn Documents) -> Result<Vec<Document>, documents::Error> {
    Ok(parked(all(store, &COLLECTION, ("by_time", &[])).await?))
}

/// Of some only letters are left.
fn parked(stored: Vec<(Document, Position)>) -> Vec<Document> {
    let stored = stored.into_iter().map(|(document, _)| document);
    stored.filter(|document| !document.positions.is_empty()).collect()
}

/// All that is kept of a view, and at which position of its own.
async fn stored(
    store: &dyn Documents,
    view: &str,
) -> Result<Vec<(Document, Position)>, documents::Error> {
    let equals = [view];
    all(store, &COLLECTION, ("by_view", &equals)).await
}

/// Everything that an index has under these values, and at which position of its own. A collection that
/// nobody has declared yet is an empty one: who reads does not declare.
async fn all<T: serde::de::DeserializeOwned>(
    store: &dyn Documents,
    collection: &Collection,
    (index, equals): (&str, &[&str]),
) -> Result<Vec<(T, Position)>, documents::Error> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let direction = Direction::Ascending;
        let find = Find { index, equals, direction, after, limit: PAGE_MAX };
        let page = match store.find(collection, GENERATION, &find).await {
            Err(documents::Error::Undeclared) => return Ok(vec![]),
            page => page?,
        };
        after = page.last().map(|found| found.key.clone());
        let is_last = page.len() < PAGE_MAX;
        for found in page {
            let Stored { body, position, .. } = found.document;
            all.push((read(&body.unwrap_or_default())?, position));
        }
        if is_last {
            return Ok(all);
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, documents::Error> {
    serde_json::from_slice(body).map_err(|error| documents::Error::Invalid(error.to_string()))
}

fn written<T: Serialize>(body: &T) -> Result<Vec<u8>, documents::Error> {
    serde_json::to_vec(body).map_err(|error| documents::Error::Invalid(error.to_string()))
}

/// Forgets what was parked in a generation.
pub(crate) async fn remove(
    store: &dyn Documents,
    view: &'static str,
    generation: Generation,
) -> Result<(), documents::Error> {
    store.declare(&COLLECTION, GENERATION).await?;
    let of_it = |(document, _): &(Document, _)| document.generation == generation.0;
    let mut gone = vec![];
    for (document, position) in stored(store, view).await?.into_iter().filter(of_it) {
        let id = id(view, generation, &document.key);
        gone.push(Stored { id, position: position.next(), body: None });
    }
    for gone in gone.chunks(documents::PUT_MAX) {
        store.put(&COLLECTION, GENERATION, gone, None).await?;
    }
    Ok(())
}

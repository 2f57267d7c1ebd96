//! Parked documents: an event did not fit, so it and all that come after it queue up, durably, until
//! somebody has mended the cause and un-parks the document. Others flow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{
    self, Collection, Direction, Documents, Find, Generation, Index, PAGE_MAX, Stored,
};

use crate::view::Poison;

pub const COLLECTION: Collection = Collection {
    name: "parked",
    indexes: &[Index { name: "by_view", equals: &["view"], sort: "parked_at" }],
};
/// The collection is no view: it has one generation.
pub const GENERATION: Generation = Generation(0);
/// The most events that queue behind one document. Beyond it the view stops.
pub const QUEUE_MAX: usize = 65_536;

/// One parked document. The id is `view/generation/key`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub view: String,
    pub generation: u32,
    pub key: String,
    /// Why the first of its events did not fit.
    pub reason: String,
    /// What waits to be applied, ascending.
    pub positions: Vec<Position>,
    pub parked_at: Timestamp,
}

/// The parked documents of one generation of a view, at hand for its one writer.
#[derive(Debug)]
pub(crate) struct Parked {
    view: &'static str,
    generation: Generation,
    now: Timestamp,
    entries: BTreeMap<String, Entry>,
    /// Ids, for readers.
    ids: Arc<BTreeSet<String>>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    is_changed: bool,
}

impl Entry {
    /// What guards the stored entry: it rises with what queues up.
    fn guard(&self) -> Position {
        let last = self.document.positions.last().copied().unwrap_or_default();
        Position(last.0.saturating_mul(2))
    }
}

impl Parked {
    pub(crate) async fn load(
        store: &dyn Documents,
        view: &'static str,
        generation: Generation,
    ) -> Result<Self, documents::Error> {
        store.declare(&COLLECTION, GENERATION).await?;
        let mut entries = BTreeMap::new();
        for document in list(store, view).await? {
            if document.generation == generation.0 {
                let key = document.key.clone();
                entries.insert(key, Entry { document, is_changed: false });
            }
        }
        let ids = Arc::new(entries.keys().cloned().collect());
        Ok(Self { view, generation, now: Timestamp::EPOCH, entries, ids })
    }

    /// For a fold that is not stored.
    pub(crate) fn nowhere(view: &'static str) -> Self {
        let (entries, ids) = (BTreeMap::new(), Arc::default());
        Self { view, generation: GENERATION, now: Timestamp::EPOCH, entries, ids }
    }

    /// What is parked from here on is parked at `now`.
    pub(crate) const fn tell_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(crate) fn ids(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.ids)
    }

    pub(crate) fn queue(&mut self, key: &str, position: Position, poison: Option<Poison>) {
        if let Some(poison) = poison {
            tracing::error!(view = self.view, key, %position, reason = poison.0, "document is parked");
        }
        let entry = self.entries.entry(key.to_owned()).or_insert_with(|| Entry {
            document: Document {
                view: self.view.to_owned(),
                generation: self.generation.0,
                key: key.to_owned(),
                reason: poison.map_or_else(String::new, |poison| poison.0.to_owned()),
                positions: vec![],
                parked_at: self.now,
            },
            is_changed: false,
        });
        let positions = &mut entry.document.positions;
        if let Err(index) = positions.binary_search(&position) {
            positions.insert(index, position);
            entry.is_changed = true;
        }
        if !self.ids.contains(key) {
            Arc::make_mut(&mut self.ids).insert(key.to_owned());
        }
    }

    /// A document whose queue is longer than it may be.
    pub(crate) fn overfull(&self) -> Option<&str> {
        let mut entries = self.entries.values().filter(|entry| entry.is_changed);
        let full = entries.find(|entry| entry.document.positions.len() > QUEUE_MAX);
        full.map(|entry| entry.document.key.as_str())
    }

    /// Lets go of what is stored as parked no more.
    pub(crate) fn keep_only(&mut self, stored: &[Document]) {
        let is_mine = |document: &&Document| document.generation == self.generation.0;
        let keys: BTreeSet<&str> =
            stored.iter().filter(is_mine).map(|document| document.key.as_str()).collect();
        self.entries.retain(|key, entry| entry.is_changed || keys.contains(key.as_str()));
        self.ids = Arc::new(self.entries.keys().cloned().collect());
    }

    /// Takes a document out, to replay what waits for it.
    pub(crate) fn take(&mut self, key: &str) -> Option<Taken> {
        let entry = self.entries.remove(key)?;
        Arc::make_mut(&mut self.ids).remove(key);
        let guard = entry.guard().next();
        Some(Taken { key: key.to_owned(), guard, positions: entry.document.positions })
    }

    /// Ends a replay. A document that was parked again keeps its entry: what was replayed of its
    /// queue is skipped the next time.
    pub(crate) async fn settle(
        &self,
        store: &dyn Documents,
        taken: &Taken,
    ) -> Result<(), documents::Error> {
        if self.contains(&taken.key) {
            return Ok(());
        }
        let gone = Stored { id: self.id(&taken.key), position: taken.guard, body: None };
        store.put(&COLLECTION, GENERATION, &[gone], None).await
    }

    /// Writes what has changed. It must be durable before the view's checkpoint passes it.
    pub(crate) async fn save(&mut self, store: &dyn Documents) -> Result<(), documents::Error> {
        let mut changed = vec![];
        for (key, entry) in self.entries.iter().filter(|(_, entry)| entry.is_changed) {
            let body = serde_json::to_vec(&entry.document)
                .map_err(|error| documents::Error::Invalid(error.to_string()))?;
            changed.push(Stored { id: self.id(key), position: entry.guard(), body: Some(body) });
        }
        if changed.is_empty() {
            return Ok(());
        }
        store.put(&COLLECTION, GENERATION, &changed, None).await?;
        for entry in self.entries.values_mut() {
            entry.is_changed = false;
        }
        Ok(())
    }

    fn id(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.view, self.generation.0)
    }
}

/// A document that was taken out of the parked ones.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) key: String,
    pub(crate) positions: Vec<Position>,
    guard: Position,
}

/// The parked documents of a view, of whichever generation, longest parked first.
///
/// # Errors
/// As the store's.
pub async fn list(store: &dyn Documents, view: &str) -> Result<Vec<Document>, documents::Error> {
    let mut all = vec![];
    let mut after = None;
    loop {
        let equals = [view];
        let direction = Direction::Ascending;
        let find = Find { index: "by_view", equals: &equals, direction, after, limit: PAGE_MAX };
        let page = store.find(&COLLECTION, GENERATION, &find).await?;
        after = page.last().map(|found| found.key.clone());
        let is_last = page.len() < PAGE_MAX;
        for found in page {
            let body = found.document.body.unwrap_or_default();
            let document = serde_json::from_slice(&body)
                .map_err(|error| documents::Error::Invalid(error.to_string()))?;
            all.push(document);
        }
        if is_last {
            return Ok(all);
        }
    }
}

/// Forgets what was parked in a generation.
pub(crate) async fn remove(
    store: &dyn Documents,
    view: &'static str,
    generation: Generation,
) -> Result<(), documents::Error> {
    let mut parked = Parked::load(store, view, generation).await?;
    let keys: Vec<String> = parked.entries.keys().cloned().collect();
    for key in keys {
        if let Some(taken) = parked.take(&key) {
            parked.settle(store, &taken).await?;
        }
    }
    Ok(())
}

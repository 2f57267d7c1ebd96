//! The fold of one view: its documents at hand, those that changed, and those that it has to read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use storage::documents;
use storage::search::{Entry, Fields};

use super::{Drained, Fold, Searched};
use crate::parked::Parked;
use crate::view::{Stored, View};

/// Serialised bytes of documents that a view keeps at hand between batches. It has one writer, so
/// what is at hand is what is stored, or on its way. What a drain moves to `warm` stays there until the
/// next, which begins when that has arrived.
const HOT_BYTES_MAX: usize = 2 << 20;
const HOT_DOCUMENTS_MAX: usize = 8_192;

pub(crate) struct Folder<V: View> {
    /// What was used lately, and what was used before that.
    hot: BTreeMap<V::Key, Slot<V::Document>>,
    warm: BTreeMap<V::Key, Slot<V::Document>>,
    hot_bytes: usize,
    missing: Vec<V::Key>,
    /// Places among the events, and whom they concern.
    taken: Vec<(usize, V::Key)>,
    changed: Vec<V::Key>,
    /// Hashes of every id that was written, where the generation began empty: what is not among
    /// them need not be looked up.
    written: Option<HashSet<u64>>,
    /// Documents that were let go and may be read as something that the index does not know.
    distrusted: BTreeSet<String>,
}

/// Above it, looking documents up is cheaper than remembering which there are.
const WRITTEN_MAX: usize = 1_000_000;

struct Slot<D> {
    stored: Stored<D>,
    bytes: usize,
    is_changed: bool,
    /// Where the view is searched: what was applied since the last drain, and what of that was the last
    /// to change what the document is found by. The index is told also what was taken back since:
    /// somebody who died may have told it the half.
    applied: Vec<Position>,
    found_since: Option<Position>,
    is_distrusted: bool,
}

impl<D> Slot<D> {
    const fn new(stored: Stored<D>, bytes: usize) -> Self {
        Self {
            stored,
            bytes,
            is_changed: false,
            applied: vec![],
            found_since: None,
            is_distrusted: false,
        }
    }
}

impl<V: View> fmt::Debug for Folder<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fold of {}", V::NAME)
    }
}

impl<V: View> Folder<V> {
    pub(crate) fn boxed() -> Box<dyn Fold> {
        Box::new(Self {
            hot: BTreeMap::new(),
            warm: BTreeMap::new(),
            hot_bytes: 0,
            missing: vec![],
            taken: vec![],
            changed: vec![],
            written: None,
            distrusted: BTreeSet::new(),
        })
    }

    fn may_be_stored(&self, id: &str) -> bool {
        self.written.as_ref().is_none_or(|written| written.contains(&hash(id)))
    }

    /// Whether the document is at hand, now among those that were used lately.
    fn warm_up(&mut self, key: &V::Key) -> bool {
        if self.hot.contains_key(key) {
            return true;
        }
        let Some((key, slot)) = self.warm.remove_entry(key) else { return false };
        self.hot_bytes = self.hot_bytes.saturating_add(slot.bytes);
        self.hot.insert(key, slot);
        true
    }
}

impl<V: View> Fold for Folder<V> {
    fn begin_empty(&mut self) {
        self.written = Some(HashSet::new());
    }

    fn take(&mut self, events: &[Arc<Recorded<Event>>], after: Position) -> Vec<String> {
        let mut missing = BTreeSet::new();
        let new = events.iter().enumerate().filter(|(_, recorded)| recorded.position > after);
        for (place, recorded) in new {
            for key in V::keys(recorded) {
                if !self.warm_up(&key) {
                    missing.insert(key.clone());
                }
                self.taken.push((place, key));
            }
        }
        let mut ids = vec![];
        for key in missing {
            let id = key.to_string();
            if self.may_be_stored(&id) {
                ids.push(id);
                self.missing.push(key);
            } else {
                let stored = Stored::default();
                self.hot.insert(key, Slot::new(stored, 0));
            }
        }
        ids
    }

    fn places(&self) -> BTreeSet<usize> {
        self.taken.iter().map(|(place, _)| *place).collect()
    }

    fn load(&mut self, stored: Vec<Option<documents::Stored>>) -> Result<(), serde_json::Error> {
        for (key, stored) in std::mem::take(&mut self.missing).into_iter().zip(stored) {
            let body = stored.as_ref().and_then(|stored| stored.body.as_deref());
            let bytes = body.map_or(0, <[u8]>::len);
            let document = body.map(serde_json::from_slice).transpose()?;
            let position = stored.map(|stored| stored.position).unwrap_or_default();
            let stored = Stored { document, position };
            self.hot_bytes = self.hot_bytes.saturating_add(bytes);
            let mut slot = Slot::new(stored, bytes);
            slot.is_distrusted =
                !self.distrusted.is_empty() && self.distrusted.remove(&key.to_string());
            self.hot.insert(key, slot);
        }
        Ok(())
    }

    fn run(&mut self, events: &[Arc<Recorded<Event>>], parked: &mut Parked) {
        for (place, key) in std::mem::take(&mut self.taken) {
            let Some(recorded) = events.get(place) else { continue };
            let Some(slot) = self.hot.get_mut(&key) else { continue };
            let stored = &slot.stored;
            if recorded.position <= stored.position {
                continue;
            }
            if !parked.is_empty() && parked.contains(&key.to_string()) {
                parked.queue(&key.to_string(), recorded.position, None);
                continue;
            }
            match V::apply(stored.document.clone(), &key, recorded) {
                Ok(None) if stored.document.is_none() && stored.position == Position(0) => {}
                Ok(document) => {
                    if V::SEARCHED {
                        slot.applied.push(recorded.position);
                        if std::mem::take(&mut slot.is_distrusted)
                            || fields::<V>(&stored.document) != fields::<V>(&document)
                        {
                            slot.found_since = Some(recorded.position);
                        }
                    }
                    slot.stored = Stored { document, position: recorded.position };
                    if !std::mem::replace(&mut slot.is_changed, true) {
                        self.changed.push(key);
                    }
                }
                Err(poison) => {
                    parked.queue(&key.to_string(), recorded.position, Some(poison.into()));
                }
            }
        }
    }

    fn changed(&self) -> usize {
        self.changed.len()
    }

    fn drain(&mut self) -> Result<Drained, serde_json::Error> {
        let mut drained = Drained::default();
        for key in &self.changed {
            let Some(slot) = self.hot.get_mut(key) else { continue };
            slot.is_changed = false;
            let body = slot.stored.document.as_ref().map(serde_json::to_vec).transpose()?;
            let bytes = body.as_ref().map_or(0, Vec::len);
            self.hot_bytes = self.hot_bytes.saturating_sub(slot.bytes).saturating_add(bytes);
            slot.bytes = bytes;
            let id = key.to_string();
            if let Some(written) = &mut self.written {
                written.insert(hash(&id));
            }
            let positions = std::mem::take(&mut slot.applied);
            if let Some(position) = slot.found_since.take() {
                let fields = fields::<V>(&slot.stored.document);
                let entry = Entry { id: id.clone(), position, fields };
                drained.entries.push(Searched { entry, positions });
            }
            let position = slot.stored.position;
            drained.documents.push(documents::Stored { id, position, body });
        }
        self.changed.clear();
        if self.written.as_ref().is_some_and(|written| written.len() > WRITTEN_MAX) {
            self.written = None;
        }
        if self.hot_bytes > HOT_BYTES_MAX / 2 || self.hot.len() > HOT_DOCUMENTS_MAX / 2 {
            self.warm = std::mem::take(&mut self.hot);
            self.hot_bytes = 0;
        }
        Ok(drained)
    }

    fn forget(&mut self) {
        if self.changed.is_empty() {
            self.hot.clear();
            self.warm.clear();
            self.hot_bytes = 0;
        }
    }

    fn drop_documents(&mut self, ids: &BTreeSet<&str>) -> Vec<(String, Position)> {
        let is_dropped = |key: &V::Key| ids.contains(key.to_string().as_str());
        self.changed.retain(|key| !is_dropped(key));
        let mut applied = vec![];
        for slots in [&mut self.hot, &mut self.warm] {
            for (key, slot) in slots.extract_if(.., |key, _| is_dropped(key)) {
                let id = key.to_string();
                applied.extend(slot.applied.into_iter().map(|position| (id.clone(), position)));
            }
        }
        if let Some(written) = &mut self.written {
            written.extend(ids.iter().map(|id| hash(id)));
        }
        if V::SEARCHED {
            self.distrusted.extend(ids.iter().map(|id| (*id).to_owned()));
        }
        applied
    }
}

fn fields<V: View>(document: &Option<V::Document>) -> Option<Fields> {
    document.as_ref().and_then(V::fields)
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

//! The parked documents of one generation of a view, at hand for those who write it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use storage::documents::{self, Documents, Generation, PUT_MAX, Stored};
use tokio::sync::OnceCell;

use super::unpark::{self, Request};
use super::{COLLECTION, Code, Document, GENERATION, QUEUE_MAX, Why, id, stored, written};

/// A stored entry's own position is its last event's times this, and one more with each write of it: so
/// it rises with what queues up, whoever writes, and also while nothing does.
const WRITES_PER_EVENT: u64 = 1 << 20;

#[derive(Debug)]
pub(crate) struct Parked {
    view: &'static str,
    generation: Generation,
    now: Timestamp,
    has_letters: bool,
    entries: BTreeMap<String, Entry>,
    /// Ids of those that are parked, for readers.
    ids: Arc<BTreeSet<String>>,
    /// Whether there is a place for wishes: it is made with the first look.
    has_requests: OnceCell<()>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    guard: Position,
    replay: Replay,
    is_changed: bool,
}

/// Until a replay is settled, what is stored of the document stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replay {
    None,
    Begun,
    /// This event did not fit again.
    Failed(Position),
}

/// Events of one document whose letters are not out yet, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) key: String,
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) positions: Vec<Position>,
}

impl Entry {
    /// `None` where nothing of it has to be kept.
    fn body(&self, has_letters: bool) -> Result<Option<Vec<u8>>, documents::Error> {
        let Document { positions, letters, .. } = &self.document;
        let is_gone = positions.is_empty() && (letters.is_empty() || !has_letters);
        if is_gone { Ok(None) } else { written(&self.document).map(Some) }
    }

    fn raise(&mut self) -> Position {
        let Document { positions, letters, .. } = &self.document;
        let last = positions.last().max(letters.last()).copied().unwrap_or_default();
        let least = Position(last.0.saturating_mul(WRITES_PER_EVENT));
        self.guard = self.guard.next().max(least);
        self.guard
    }
}

impl Parked {
    pub(crate) async fn load(
        store: &dyn Documents,
        view: &'static str,
        generation: Generation,
    ) -> Result<Self, documents::Error> {
        store.declare(&COLLECTION, GENERATION).await?;
        let mut parked = Self { generation, ..Self::nowhere(view) };
        for (document, guard) in stored(store, view).await? {
            if document.generation == generation.0 {
                let (key, replay) = (document.key.clone(), Replay::None);
                let entry = Entry { document, guard, replay, is_changed: false };
                parked.entries.insert(key, entry);
            }
        }
        parked.tell_ids();
        Ok(parked)
    }

    /// For a fold that is not stored.
    pub(crate) fn nowhere(view: &'static str) -> Self {
        let (now, entries, ids) = (Timestamp::EPOCH, BTreeMap::new(), Arc::default());
        let (has_letters, has_requests) = (false, OnceCell::new());
        Self { view, generation: GENERATION, now, has_letters, entries, ids, has_requests }
    }

    /// What queues up from here on is to be copied too.
    pub(crate) const fn keep_letters(&mut self) {
        self.has_letters = true;
    }

    /// What is parked from here on is parked at `now`.
    pub(crate) const fn tell_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Whether nothing is parked, and no letter waits either.
    pub(crate) fn is_idle(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether something has to be written.
    pub(crate) fn is_changed(&self) -> bool {
        self.entries.values().any(|entry| entry.is_changed)
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.ids.contains(key)
    }

    pub(crate) fn ids(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.ids)
    }

    fn tell_ids(&mut self) {
        let is_parked =
            |entry: &Entry| !entry.document.positions.is_empty() && entry.replay != Replay::Begun;
        let parked = self.entries.iter().filter(|(_, entry)| is_parked(entry));
        self.ids = Arc::new(parked.map(|(key, _)| key.clone()).collect());
    }

    pub(crate) fn queue(&mut self, key: &str, position: Position, why: Option<Why>) {
        let entry = self.entries.entry(key.to_owned()).or_insert_with(|| Entry {
            document: Document {
                view: self.view.to_owned(),
                generation: self.generation.0,
                key: key.to_owned(),
                code: Code::default(),
                reason: String::new(),
                positions: vec![],
                letters: vec![],
                parked_at: self.now,
            },
            guard: Position(0),
            replay: Replay::None,
            is_changed: false,
        });
        let document = &mut entry.document;
        if !self.ids.contains(key) {
            Arc::make_mut(&mut self.ids).insert(key.to_owned());
            if let Some(Why { code, reason }) = why {
                let (view, code_name) = (self.view, code.as_str());
                tracing::error!(view, key, %position, code = code_name, reason, "document is parked");
                (document.code, document.reason) = (code, reason);
            }
            entry.is_changed = true;
            match entry.replay {
                Replay::Begun => entry.replay = Replay::Failed(position),
                Replay::None | Replay::Failed(_) => document.parked_at = self.now,
            }
        }
        if let Err(index) = document.positions.binary_search(&position) {
            document.positions.insert(index, position);
            if self.has_letters
                && let Err(index) = document.letters.binary_search(&position)
            {
                document.letters.insert(index, position);
            }
            entry.is_changed = true;
        }
    }

    /// A document whose queue is longer than it may be.
    pub(crate) fn overfull(&self) -> Option<&str> {
        let mut entries = self.entries.values().filter(|entry| entry.is_changed);
        let full = entries.find(|entry| entry.document.positions.len() > QUEUE_MAX);
        full.map(|entry| entry.document.key.as_str())
    }

    /// Takes over what others have written meanwhile, and lets go of what is parked no more.
    pub(crate) async fn refresh(&mut self, store: &dyn Documents) -> Result<(), documents::Error> {
        let stored = stored(store, self.view).await?.into_iter();
        let mine = stored.filter(|(document, _)| document.generation == self.generation.0);
        let mut mine: BTreeMap<String, (Document, Position)> =
            mine.map(|stored| (stored.0.key.clone(), stored)).collect();
        self.entries.retain(|key, entry| {
            if entry.is_changed {
                return true;
            }
            let Some((document, guard)) = mine.remove(key) else { return false };
            (entry.document, entry.guard) = (document, guard);
            true
        });
        for (key, (document, guard)) in mine {
            let entry = Entry { document, guard, replay: Replay::None, is_changed: false };
            self.entries.entry(key).or_insert(entry);
        }
        self.tell_ids();
        Ok(())
    }

    /// What is wanted of the view's documents and not answered yet, longest asked first.
    pub(crate) async fn requests(
        &self,
        store: &dyn Documents,
    ) -> Result<Vec<(Request, Position)>, documents::Error> {
        self.has_requests.get_or_try_init(|| unpark::declare_requests(store)).await?;
        unpark::requests(store, self.view).await
    }

    /// What waits for a parked document.
    pub(crate) fn positions(&self, key: &str) -> &[Position] {
        self.entries.get(key).map_or(&[], |entry| &entry.document.positions)
    }

    /// Begins to replay what waits for a document: while all of it fits, it is not parked.
    pub(crate) fn take(&mut self, key: &str) -> Option<Vec<Position>> {
        let entry = self.entries.get_mut(key).filter(|_| self.ids.contains(key))?;
        entry.replay = Replay::Begun;
        Arc::make_mut(&mut self.ids).remove(key);
        Some(entry.document.positions.clone())
    }

    /// Ends a replay that is stored; the reason where the document was parked again. Until then it
    /// keeps its entry: after a crash what was replayed of it is skipped.
    pub(crate) fn settle(&mut self, key: &str) -> Option<String> {
        let entry = self.entries.get_mut(key)?;
        entry.is_changed = true;
        match std::mem::replace(&mut entry.replay, Replay::None) {
            Replay::None | Replay::Begun => {
                entry.document.positions.clear();
                None
            }
            Replay::Failed(at) => {
                entry.document.positions.retain(|position| *position >= at);
                Some(entry.document.reason.clone())
            }
        }
    }

    /// How many letters are not out yet.
    pub(crate) fn letters(&self) -> usize {
        self.entries.values().map(|entry| entry.document.letters.len()).sum()
    }

    /// Those up to `until`, at most so many of all documents together.
    pub(crate) fn waiting(&self, until: Position, mut most: usize) -> Vec<Waiting> {
        let mut waiting = vec![];
        for (key, Entry { document, .. }) in &self.entries {
            let letters = document.letters.iter().copied();
            let positions: Vec<Position> =
                letters.take_while(|position| *position <= until).take(most).collect();
            most = most.saturating_sub(positions.len());
            if !positions.is_empty() {
                let (key, code, reason) = (key.clone(), document.code, document.reason.clone());
                waiting.push(Waiting { key, code, reason, positions });
            }
        }
        waiting
    }

    /// These letters are out.
    pub(crate) fn copied(&mut self, key: &str, positions: &[Position]) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.document.letters.retain(|position| positions.binary_search(position).is_err());
        entry.is_changed |= !positions.is_empty();
    }

    /// Writes what has changed. It must be durable before the view's checkpoint passes it.
    pub(crate) async fn save(&mut self, store: &dyn Documents) -> Result<(), documents::Error> {
        let (mut changed, mut gone) = (vec![], BTreeSet::new());
        for (key, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.is_changed) {
            let body = entry.body(self.has_letters)?;
            if body.is_none() {
                gone.insert(key.clone());
            }
            let id = id(self.view, self.generation, key);
            changed.push(Stored { id, position: entry.raise(), body });
        }
        for changed in changed.chunks(PUT_MAX) {
            store.put(&COLLECTION, GENERATION, changed, None).await?;
        }
        self.entries.retain(|key, _| !gone.contains(key));
        self.entries.values_mut().for_each(|entry| entry.is_changed = false);
        Ok(())
    }
}

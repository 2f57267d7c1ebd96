//! The second fold that stored documents are compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use sha2::{Digest, Sha256};
use storage::documents;
use storage::search::Entry;

use crate::view::{Stored, View};

/// The fold of a share of a view's documents: expectations in, then the log, then what differs.
pub(crate) trait Refold: Send {
    /// Turns to the documents of one pass.
    fn begin(&mut self, pass: u64, passes: u64);

    fn expect(&mut self, stored: &documents::Stored);

    /// `checkpoint` is the position up to which every event has to be in the documents.
    fn event(
        &mut self,
        recorded: &Recorded<Event>,
        checkpoint: Position,
        parked: &BTreeSet<String>,
    );

    /// What differs, and the checksum of what was stored.
    fn end(&mut self) -> (Vec<String>, u128);

    /// Whether the document is found by what its view says.
    fn is_entry_of(&self, entry: Option<&Entry>, stored: &documents::Stored) -> bool;
}

pub(crate) struct Refolder<V: View> {
    pass: u64,
    passes: u64,
    expected: BTreeMap<String, (Position, u128)>,
    tracks: BTreeMap<V::Key, Track<V::Document>>,
    checksum: u128,
}

enum Track<D> {
    Folding(Stored<D>),
    /// Equal at the position that it rests on.
    Equal,
    Differs,
}

impl<V: View> Refolder<V> {
    pub(crate) fn boxed() -> Box<dyn Refold> {
        Box::new(Self {
            pass: 0,
            passes: 1,
            expected: BTreeMap::new(),
            tracks: BTreeMap::new(),
            checksum: 0,
        })
    }

    fn is_mine(&self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish() % self.passes == self.pass
    }
}

impl<V: View> Refold for Refolder<V> {
    fn begin(&mut self, pass: u64, passes: u64) {
        (self.pass, self.passes, self.checksum) = (pass, passes, 0);
        self.expected.clear();
        self.tracks.clear();
    }

    fn expect(&mut self, stored: &documents::Stored) {
        if self.is_mine(&stored.id) {
            let digest = digest(&stored.id, stored.position, stored.body.as_deref());
            self.checksum = self.checksum.wrapping_add(digest);
            self.expected.insert(stored.id.clone(), (stored.position, digest));
        }
    }

    fn event(
        &mut self,
        recorded: &Recorded<Event>,
        checkpoint: Position,
        parked: &BTreeSet<String>,
    ) {
        for key in V::keys(recorded) {
            let id = key.to_string();
            if !self.is_mine(&id) || parked.contains(&id) {
                continue;
            }
            let track = self.tracks.remove(&key).unwrap_or(Track::Folding(Stored::default()));
            let expected = self.expected.get(&id).copied();
            let track = next::<V>(track, (&key, &id), expected, recorded, checkpoint);
            self.tracks.insert(key, track);
        }
    }

    fn end(&mut self) -> (Vec<String>, u128) {
        let mut differing = BTreeSet::new();
        for (key, track) in std::mem::take(&mut self.tracks) {
            let id = key.to_string();
            let expected = self.expected.remove(&id);
            match track {
                Track::Equal => {}
                Track::Folding(_) if expected.is_none() => {}
                Track::Folding(_) | Track::Differs => {
                    differing.insert(id);
                }
            }
        }
        // What is stored, but never came about.
        differing.extend(std::mem::take(&mut self.expected).into_keys());
        (differing.into_iter().collect(), self.checksum)
    }

    fn is_entry_of(&self, entry: Option<&Entry>, stored: &documents::Stored) -> bool {
        let document = stored.body.as_deref().map(serde_json::from_slice).transpose();
        let Ok(document) = document else { return false };
        let wanted = document.as_ref().and_then(V::fields);
        // It stands at the last event that changed what the document is found by.
        entry.is_none_or(|entry| entry.position <= stored.position)
            && wanted.as_ref() == entry.and_then(|entry| entry.fields.as_ref())
    }
}

fn next<V: View>(
    track: Track<V::Document>,
    (key, id): (&V::Key, &str),
    expected: Option<(Position, u128)>,
    recorded: &Recorded<Event>,
    checkpoint: Position,
) -> Track<V::Document> {
    let is_due = recorded.position <= checkpoint;
    let stored = match track {
        Track::Folding(stored) => stored,
        Track::Equal if is_due => return Track::Differs,
        Track::Equal => return Track::Equal,
        Track::Differs => return Track::Differs,
    };
    let was_nothing = stored == Stored::default();
    let Ok(document) = V::apply(stored.document, key, recorded) else { return Track::Differs };
    if was_nothing && document.is_none() {
        return Track::Folding(Stored::default());
    }
    let stored = Stored { document, position: recorded.position };
    match expected {
        Some((position, known)) if position == recorded.position => {
            let body = stored.document.as_ref().map(serde_json::to_vec).transpose();
            let is_equal = body.is_ok_and(|body| digest(id, position, body.as_deref()) == known);
            if is_equal { Track::Equal } else { Track::Differs }
        }
        Some((position, _)) if position > recorded.position => Track::Folding(stored),
        Some(_) | None if is_due => Track::Differs,
        Some(_) | None => Track::Folding(stored),
    }
}

fn digest(id: &str, position: Position, body: Option<&[u8]>) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update(id.as_bytes());
    hasher.update([0, u8::from(body.is_some())]);
    hasher.update(position.0.to_be_bytes());
    hasher.update(body.unwrap_or_default());
    let bytes: [u8; 32] = hasher.finalize().into();
    bytes.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

//! Folds batches of events into documents in memory, each document loaded once.

mod folder;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use storage::documents;
use storage::search::Entry;

pub(crate) use self::folder::Folder;
use crate::parked::Parked;

/// A view's events in, its documents out; without the view's types.
///
/// In this order: [`Self::take`], [`Self::load`], [`Self::run`]; any number of times, then
/// [`Self::drain`].
pub(crate) trait Fold: fmt::Debug + Send {
    /// Nothing is stored yet.
    fn begin_empty(&mut self);

    /// Takes the events in that come after a position, and says which documents it needs to go on.
    fn take(&mut self, events: &[Arc<Recorded<Event>>], after: Position) -> Vec<String>;

    /// Where among those events the ones stand that concern the view.
    fn places(&self) -> BTreeSet<usize>;

    /// Those documents, in the same order.
    fn load(&mut self, stored: Vec<Option<documents::Stored>>) -> Result<(), serde_json::Error>;

    /// Applies what was taken in of the same events. What does not fit is parked, and so is what
    /// comes after it.
    fn run(&mut self, events: &[Arc<Recorded<Event>>], parked: &mut Parked);

    /// How many documents have changed since the last drain.
    fn changed(&self) -> usize;

    /// What has changed since the last drain.
    fn drain(&mut self) -> Result<Drained, serde_json::Error>;

    /// Lets go of what is at hand.
    fn forget(&mut self);

    /// Lets go of documents, which are read again: which events were applied to them since the last drain,
    /// where the view is searched. Elsewhere nothing of them may wait to be drained.
    fn drop_documents(&mut self, ids: &BTreeSet<&str>) -> Vec<(String, Position)>;
}

#[derive(Debug, Default)]
pub(crate) struct Drained {
    pub(crate) documents: Vec<documents::Stored>,
    pub(crate) entries: Vec<Searched>,
}

/// What a document is found by from now on, and which events since the last drain made it.
#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) entry: Entry,
    pub(crate) positions: Vec<Position>,
}

//! What a view is: a pure fold of events into one document per key.

use std::fmt;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::documents::Collection;
use storage::search::Fields;

/// A read model. The runner stores each document with the position it rests on, in one write.
pub trait View: fmt::Debug + Send + Sync + 'static {
    /// Its text is the document's id.
    type Key: Clone + Ord + fmt::Debug + fmt::Display + Send + Sync + 'static;
    type Document: Clone
        + fmt::Debug
        + PartialEq
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static;

    const NAME: &'static str;
    /// Raise it to rebuild from the first event into a fresh generation.
    const VERSION: u32;
    const ORDER: Order;
    /// What it competes with the others by for a process that is behind.
    const RANK: Rank = Rank::Trade;
    /// Whether its documents are also entries of the search index.
    const SEARCHED: bool = false;

    /// Where its documents are kept, under [`Self::NAME`], and what they are found by.
    fn collection() -> &'static Collection;

    /// The documents that this event touches, each once.
    fn keys(recorded: &Recorded<Event>) -> Vec<Self::Key>;

    /// The next value of one of them, or `None` to delete it. Pure.
    ///
    /// # Errors
    /// [`Poison`] where the event makes no sense for the document.
    fn apply(
        document: Option<Self::Document>,
        key: &Self::Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Self::Document>, Poison>;

    /// What the document is found by, where the view is searched. `None` where nobody may find it.
    fn fields(document: &Self::Document) -> Option<Fields> {
        let _ = document;
        None
    }
}

/// This event makes no sense for this document. It is parked, others flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event does not fit its document: {0}")]
pub struct Poison(pub &'static str);

/// Which order of events a view's documents rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All events of one document come from one partition: an order, a trade.
    Key,
    /// A document is fed from several: partitions are merged by position up to the watermark.
    Log,
}

/// How soon it is needed that a view has caught up, the soonest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Risk and urgent reports: people are in danger, or money is.
    Risk,
    /// What a trade goes on with.
    Trade,
    /// Sums, statistics, what is read afterwards; and every rebuild.
    Batch,
}

/// A document as it is stored. A deleted one leaves its position, so that nothing revives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<D> {
    pub document: Option<D>,
    pub position: Position,
}

impl<D> Default for Stored<D> {
    fn default() -> Self {
        Self { document: None, position: Position::default() }
    }
}

/// Applies each position once: a redelivered event changes nothing.
///
/// # Errors
/// As [`View::apply`].
pub fn apply_once<V: View>(
    stored: Stored<V::Document>,
    key: &V::Key,
    recorded: &Recorded<Event>,
) -> Result<Stored<V::Document>, Poison> {
    if recorded.position <= stored.position {
        return Ok(stored);
    }
    let document = V::apply(stored.document, key, recorded)?;
    Ok(Stored { document, position: recorded.position })
}

/// The fold of these events for one document, in their order: what `as_of` and `valid_at` answer.
///
/// # Errors
/// As [`View::apply`].
pub fn fold<'a, V: View>(
    key: &V::Key,
    events: impl IntoIterator<Item = &'a Recorded<Event>>,
) -> Result<Stored<V::Document>, Poison> {
    events
        .into_iter()
        .filter(|recorded| V::keys(recorded).contains(key))
        .try_fold(Stored::default(), |stored, recorded| apply_once::<V>(stored, key, recorded))
}

//! How far each view is, for everybody who waits for one, reads one or watches over them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use events_schema::envelope::{Epoch, Position};
use storage::documents::{Generation, Part};
use tokio::sync::watch;

use crate::registry::VIEWS;

/// What is known of one view now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewState {
    /// The generation to read.
    pub generation: Generation,
    /// Every event up to here is in the documents: the lowest watermark applied.
    pub position: Position,
    /// How far each part is that this process works on.
    pub parts: Arc<BTreeMap<Part, Position>>,
    pub epoch: Epoch,
    /// Ids of documents that are parked: what is stored of them is not up to date.
    pub parked: Arc<BTreeSet<String>>,
    pub health: Health,
}

/// Whether these are all parts of the division that they are in: who works on them knows all of the view.
pub(crate) fn is_whole(parts: &BTreeMap<Part, Position>) -> bool {
    let of = parts.keys().next().and_then(|part| usize::try_from(part.of).ok());
    of == Some(parts.len())
}

/// Whether a view follows the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Starting,
    Live,
    /// Other processes work on it.
    Elsewhere,
    /// It is of another version; the old documents serve until the new ones have caught up.
    Rebuilding,
    /// A dependency is down, or the log lost what it rests on. It goes on by itself.
    Paused(String),
    /// An event cannot be read, or a document cannot be stored: somebody has to act.
    Stopped(String),
}

/// The view has not reached the position in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("view is behind: it has reached {position}")]
pub struct Behind {
    pub position: Position,
}

/// The state of every view. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Views(Arc<BTreeMap<&'static str, watch::Sender<ViewState>>>);

impl Default for Views {
    fn default() -> Self {
        let slot = || {
            watch::Sender::new(ViewState {
                generation: Generation(0),
                position: Position(0),
                parts: Arc::default(),
                epoch: Epoch(0),
                parked: Arc::default(),
                health: Health::Starting,
            })
        };
        Self(Arc::new(VIEWS.iter().map(|view| (view.name, slot())).collect()))
    }
}

impl Views {
    /// Whether both are clones of one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// `None` for a name that no view has.
    #[must_use]
    pub fn state(&self, view: &str) -> Option<ViewState> {
        self.0.get(view).map(|slot| slot.borrow().clone())
    }

    /// Every view by name.
    #[must_use]
    pub fn states(&self) -> BTreeMap<&'static str, ViewState> {
        self.0.iter().map(|(name, slot)| (*name, slot.borrow().clone())).collect()
    }

    /// The generation to read.
    #[must_use]
    pub fn generation(&self, view: &str) -> Option<Generation> {
        self.0.get(view).map(|slot| slot.borrow().generation)
    }

    #[must_use]
    pub fn is_parked(&self, view: &str, id: &str) -> bool {
        self.0.get(view).is_some_and(|slot| slot.borrow().parked.contains(id))
    }

    /// Whether every view is live (parked documents do not count against it).
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let is_well = |state: &ViewState| matches!(state.health, Health::Live | Health::Elsewhere);
        self.0.values().all(|slot| is_well(&slot.borrow()))
    }

    /// The position that every view has reached.
    #[must_use]
    pub fn lowest(&self) -> Position {
        self.0.values().map(|slot| slot.borrow().position).min().unwrap_or_default()
    }

    /// Returns once the view has reached `position`.
    ///
    /// # Errors
    /// [`Behind`] after `time_limit`, or for a name that no view has.
    pub async fn wait_until(
        &self,
        view: &str,
        position: Position,
        time_limit: Duration,
    ) -> Result<(), Behind> {
        let Some(slot) = self.0.get(view) else { return Err(Behind { position: Position(0) }) };
        let mut states = slot.subscribe();
        let reached = states.wait_for(|state| state.position >= position);
        match tokio::time::timeout(time_limit, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Behind { position: slot.borrow().position }),
        }
    }

    /// Tells every change of one view.
    #[must_use]
    pub fn subscribe(&self, view: &str) -> Option<watch::Receiver<ViewState>> {
        self.0.get(view).map(watch::Sender::subscribe)
    }

    /// As [`Self::publish`], save where more of the same documents is known already.
    pub(crate) fn advance(&self, view: &str, state: ViewState) {
        let place = |state: &ViewState| (state.epoch, state.position);
        self.publish_unless(view, state, |known, state| {
            known.health == Health::Live
                && known.generation == state.generation
                && place(known) > place(state)
        });
    }

    pub(crate) fn publish(&self, view: &str, state: ViewState) {
        self.publish_unless(view, state, |_, _| false);
    }

    fn publish_unless(
        &self,
        view: &str,
        state: ViewState,
        is_old: impl FnOnce(&ViewState, &ViewState) -> bool,
    ) {
        if let Some(slot) = self.0.get(view) {
            slot.send_if_modified(|known| {
                let is_new = !is_old(known, &state) && *known != state;
                if is_new {
                    *known = state;
                }
                is_new
            });
        }
    }
}

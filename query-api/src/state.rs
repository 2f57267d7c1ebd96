//! What the query API reads from, made once at start and shared by every request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge::headers::place::Place;
use edge::state::Edge;
use moka::sync::Cache;
use projector::progress::Views;
use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::keys::seal::Sealer;
use storage::search::SharedSearch;
use tokio_util::sync::CancellationToken;

use crate::answer::Answer;

/// Limits of reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a request waits for a view to reach the position it asks for.
    pub view_wait: Duration,
    /// How many bytes of public answers are kept, until their view moves on; 0 keeps none.
    pub kept_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { view_wait: Duration::from_secs(2), kept_bytes_max: 16 << 20 }
    }
}

/// Where reads find what they answer.
#[derive(Clone, Debug)]
pub struct Sources {
    pub log: SharedLog,
    pub documents: SharedDocuments,
    pub search: SharedSearch,
    pub sealer: Arc<Sealer>,
    /// How far the views have got.
    pub views: Views,
}

/// Cheap to clone; clones share one state.
#[derive(Clone)]
pub struct Queries(Arc<Inner>);

struct Inner {
    edge: Edge,
    sources: Sources,
    config: Config,
    kept: Cache<String, Answer>,
    closing: CancellationToken,
}

/// What an entry weighs besides its body.
const ENTRY_BYTES: usize = 256;

impl Queries {
    /// `closing` ends the answers that would go on for ever.
    #[must_use]
    pub fn new(edge: &Edge, sources: Sources, config: Config, closing: CancellationToken) -> Self {
        let weigh = |key: &String, answer: &Answer| {
            let bytes = key.len().saturating_add(answer.body.len()).saturating_add(ENTRY_BYTES);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(config.kept_bytes_max).weigher(weigh).build();
        Self(Arc::new(Inner { edge: edge.clone(), sources, config, kept, closing }))
    }

    /// A public answer that still holds: its view stands where it stood.
    pub(crate) fn kept(&self, key: &str, place: Place) -> Option<Answer> {
        self.0.kept.get(key).filter(|answer| answer.place == place)
    }

    /// Keeps an answer that is the same for everybody.
    pub(crate) fn keep(&self, key: String, answer: &Answer) {
        self.0.kept.insert(key, answer.clone());
    }

    pub(crate) fn edge(&self) -> &Edge {
        &self.0.edge
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn log(&self) -> &SharedLog {
        &self.0.sources.log
    }

    pub(crate) fn store(&self) -> &SharedDocuments {
        &self.0.sources.documents
    }

    pub(crate) fn index(&self) -> &SharedSearch {
        &self.0.sources.search
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.sources.sealer
    }

    pub(crate) fn views(&self) -> &Views {
        &self.0.sources.views
    }

    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }
}

impl fmt::Debug for Queries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queries").field("config", &self.0.config).finish_non_exhaustive()
    }
}

//! What the query API reads from, made once at start and shared by every request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge::problem::Problem;
use edge::state::Edge;
use projector::progress::Views;
use storage::cache::SharedCache;
use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::keys::seal::Sealer;
use storage::search::SharedSearch;
use tokio_util::sync::CancellationToken;

use crate::answer::Answer;
use crate::basis::Basis;
use crate::kept::{Kept, Shared};

/// Limits of reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a request waits for a view to reach the position it asks for.
    pub view_wait: Duration,
    /// How many bytes of public answers this process keeps, until their view moves on; 0 keeps none.
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
    /// Where processes keep public answers for each other.
    pub shared_cache: Option<SharedCache>,
}

/// Cheap to clone; clones share one state.
#[derive(Clone)]
pub struct Queries(Arc<Inner>);

struct Inner {
    edge: Edge,
    sources: Sources,
    config: Config,
    kept: Kept,
    closing: CancellationToken,
}

impl Queries {
    /// `closing` ends the answers that would go on for ever.
    #[must_use]
    pub fn new(edge: &Edge, sources: Sources, config: Config, closing: CancellationToken) -> Self {
        let shared = sources.shared_cache.clone();
        let shared = shared.map(|cache| Shared::new(cache, sources.log.clone()));
        let kept = Kept::new(config.kept_bytes_max, shared);
        Self(Arc::new(Inner { edge: edge.clone(), sources, config, kept, closing }))
    }

    /// An answer that is the same for everybody, where this process keeps it and it still holds.
    pub(crate) fn kept(&self, key: &str, basis: &Basis) -> Option<Answer> {
        self.0.kept.get(key, basis)
    }

    /// One document's answer that is the same for everybody, loaded where it is not kept.
    ///
    /// # Errors
    /// As `load`.
    pub(crate) fn public<'a>(
        &'a self,
        key: String,
        basis: Basis,
        load: impl Future<Output = Result<Answer, Problem>> + 'a,
    ) -> impl Future<Output = Result<Answer, Problem>> + 'a {
        self.0.kept.get_or_load(key, basis, load)
    }

    /// An answer of many documents that is the same for everybody, loaded where neither this process
    /// nor another has it.
    ///
    /// # Errors
    /// As `load`.
    pub(crate) fn public_list<'a>(
        &'a self,
        key: String,
        basis: Basis,
        load: impl Future<Output = Result<Answer, Problem>> + 'a,
    ) -> impl Future<Output = Result<Answer, Problem>> + 'a {
        self.0.kept.get_shared_or_load(key, basis, load)
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

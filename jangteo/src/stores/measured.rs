//! Stores that somebody measures: metrics, and benchmarks.

use std::sync::Arc;

use storage::documents::watched::{Watch, Watched};

use super::Stores;
use super::opening::Kept;

impl Stores {
    /// The same with somebody who watches its documents.
    #[must_use]
    pub(crate) fn watched(mut self, watch: impl Watch) -> Self {
        let watched =
            |(documents, search)| -> Kept { (Arc::new(Watched::new(documents, watch)), search) };
        self.kept = self.kept.map(watched);
        self
    }

    /// Tells metrics how busy their connections are.
    pub(crate) fn measure(&self) {
        self.log.measure();
        self.leases.measure();
        if let Some(sealer) = &self.sealer {
            sealer.measure();
        }
    }
}

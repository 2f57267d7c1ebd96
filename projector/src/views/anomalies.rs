//! The contradictions that a document has met: all counted, the first ones kept.

use events_schema::anomaly::Anomaly;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most that one document lists.
pub const LISTED_MAX: usize = 20;

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Anomalies {
    pub count: u32,
    /// The first [`LISTED_MAX`].
    pub first: Vec<Found>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Found {
    pub anomaly: Anomaly,
    pub found_at: Timestamp,
}

impl Anomalies {
    pub(crate) fn add(&mut self, anomaly: &Anomaly, found_at: Timestamp) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < LISTED_MAX {
            self.first.push(Found { anomaly: anomaly.clone(), found_at });
        }
    }
}

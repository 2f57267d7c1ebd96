//! The contradictions that a thing has met, as they are answered.

use events_schema::anomaly::Anomaly;
use events_schema::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// How many, and the first of them.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Anomalies {
    count: u32,
    first: Vec<Found>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct Found {
    anomaly: Anomaly,
    found_at: Timestamp,
}

impl Anomalies {
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl From<projector::views::anomalies::Anomalies> for Anomalies {
    fn from(anomalies: projector::views::anomalies::Anomalies) -> Self {
        let found = |found: projector::views::anomalies::Found| Found {
            anomaly: found.anomaly,
            found_at: found.found_at,
        };
        Self { count: anomalies.count, first: anomalies.first.into_iter().map(found).collect() }
    }
}

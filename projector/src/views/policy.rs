//! `policy`: every version of every policy, one document each.

use std::fmt;

use events_schema::Event;
use events_schema::envelope::{Recorded, Version};
use events_schema::policy::{self, PolicyKind, Terms};
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct PolicyView;

/// As text `fees-0000000003`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub PolicyKind, pub Version);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:010}", self.0.as_str(), self.1.0)
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub kind: PolicyKind,
    /// Of the stream `policy/…`; decisions name it.
    pub version: Version,
    pub effective_from: Timestamp,
    pub terms: Terms,
    pub recorded_at: Timestamp,
}

const COLLECTION: Collection = Collection {
    name: PolicyView::NAME,
    indexes: &[
        Index { name: "by_kind", equals: &["kind"], sort: "effective_from" },
        Index { name: "by_kind_version", equals: &["kind"], sort: "version" },
    ],
};

impl View for PolicyView {
    type Key = Key;
    type Document = Document;

    const NAME: &'static str = "policy";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<Key> {
        match &recorded.event {
            Event::Policy(policy::Event::Recorded(event)) => {
                vec![Key(event.terms.kind(), recorded.meta.version)]
            }
            Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Like(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        key: &Key,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Policy(policy::Event::Recorded(event)) = &recorded.event else {
            return Ok(document);
        };
        Ok(Some(Document {
            kind: key.0,
            version: key.1,
            effective_from: event.effective_from,
            terms: event.terms.clone(),
            recorded_at: recorded.recorded_at,
        }))
    }
}

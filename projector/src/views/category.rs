//! `category`: a node of the tree. Children are found by their parent.

use events_schema::Event;
use events_schema::category;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::CategoryId;
use events_schema::text::Name;
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct CategoryView;

/// The parent of what has none.
pub const ROOT: &str = "root";

/// The id is the category's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub category_id: CategoryId,
    /// Of the stream `category/…`.
    pub version: Version,
    pub name: Name,
    /// From the root down, without this one.
    pub ancestors: Vec<CategoryId>,
    /// The last ancestor, or [`ROOT`].
    pub parent: String,
    pub status: Status,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    /// Takes no new listings and no new children.
    Retired,
}

const COLLECTION: Collection = Collection {
    name: CategoryView::NAME,
    indexes: &[
        Index { name: "by_parent", equals: &["parent"], sort: "name" },
        Index { name: "by_status", equals: &["status"], sort: "name" },
    ],
};

impl View for CategoryView {
    type Key = CategoryId;
    type Document = Document;

    const NAME: &'static str = "category";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<CategoryId> {
        match &recorded.event {
            Event::Category(category::Event::Created(event)) => vec![event.category_id],
            Event::Category(category::Event::Renamed(event)) => vec![event.category_id],
            Event::Category(category::Event::Retired(event)) => vec![event.category_id],
            Event::Seller(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        key: &CategoryId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Category(event) = &recorded.event else { return Ok(document) };
        let version = recorded.meta.version;
        let document = match (event, document) {
            (category::Event::Created(event), _) => Document {
                category_id: *key,
                version,
                name: event.name.clone(),
                parent: event.ancestors.last().map_or(ROOT.to_owned(), ToString::to_string),
                ancestors: event.ancestors.clone(),
                status: Status::Active,
            },
            (category::Event::Renamed(event), Some(document)) => {
                Document { version, name: event.name.clone(), ..document }
            }
            (category::Event::Retired(_), Some(document)) => {
                Document { version, status: Status::Retired, ..document }
            }
            (category::Event::Renamed(_) | category::Event::Retired(_), None) => {
                return Err(Poison("category was never created"));
            }
        };
        Ok(Some(document))
    }
}

//! `listing_search`: what listings are found by. Its documents are the cards of a list.

use events_schema::Event;
use events_schema::envelope::Recorded;
use events_schema::ids::ListingId;
use storage::documents::Collection;
use storage::search::Fields;

use crate::view::{Order, Poison, View};
use crate::views::listing_page::{self, ListingPage};

#[derive(Debug)]
pub struct ListingSearch;

/// The listing's page itself: what is found is shown.
pub type Document = listing_page::Document;

const COLLECTION: Collection = Collection { name: ListingSearch::NAME, indexes: &[] };

impl View for ListingSearch {
    type Key = ListingId;
    type Document = Document;

    const NAME: &'static str = "listing_search";
    const VERSION: u32 = 4;
    const ORDER: Order = Order::Key;
    const SEARCHED: bool = true;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<ListingId> {
        ListingPage::keys(recorded)
    }

    fn apply(
        document: Option<Document>,
        key: &ListingId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        ListingPage::apply(document, key, recorded)
    }

    fn fields(document: &Document) -> Option<Fields> {
        document.status.is_public().then(|| fields(document))
    }
}

fn fields(document: &Document) -> Fields {
    let details = &document.details;
    let description = details.description.as_ref();
    Fields {
        title: details.title.to_string(),
        description: description.map(ToString::to_string).unwrap_or_default(),
        brand: details.brand.as_ref().map(ToString::to_string),
        tags: details.tags.iter().map(ToString::to_string).collect(),
        categories: details
            .category_ancestors
            .iter()
            .chain(&details.category_id)
            .map(ToString::to_string)
            .collect(),
        regions: regions(details),
        condition: details.condition.as_str().to_owned(),
        seller_id: document.seller_id.to_string(),
        seller_kind: document.seller_kind.as_str().to_owned(),
        status: document.status.as_str().to_owned(),
        price_minor: document.price.amount_minor(),
        currency: document.price.currency().code().to_owned(),
        created_at_micros: document.created_at.as_unix_micros(),
        likes: document.likes,
        point: details.meeting_point,
    }
}

/// 서울특별시, 서울특별시/마포구 …
fn regions(details: &events_schema::listing::Details) -> Vec<String> {
    let paths = details.region.iter().scan(String::new(), |path, part| {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part.as_str());
        Some(path.clone())
    });
    paths.collect()
}

//! A listing as it is answered.

use std::ops::Range;

use edge::documented;
use events_schema::envelope::Version;
use events_schema::ids::{ListingId, OptionId, SellerId};
use events_schema::listing::Details;
use events_schema::money::Money;
use events_schema::text::Reason;
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use projector::views::listing_page::{Document, State};
use schemars::JsonSchema;
use serde::Serialize;

/// One offer of one seller.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Product {
    listing_id: ListingId,
    version: Version,
    seller_id: SellerId,
    seller_kind: SellerKind,
    /// What a buyer sees: `on_sale`, `reserved`, `sold`, `sold_out`, `suspended` …
    status: &'static str,
    /// The listing's own state, whatever its stock.
    #[schemars(with = "String")]
    state: State,
    /// Why it was rejected or suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    price: Money,
    details: Details,
    stock: Vec<Pieces>,
    /// How many persons like it.
    likes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// The title in parts, with those that were looked for; only where words were searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    title_parts: Option<Vec<TitlePart>>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct TitlePart {
    text: String,
    found: bool,
}

/// How many pieces of one option there are; of the listing itself where it has no options.
#[derive(Debug, JsonSchema, Serialize)]
struct Pieces {
    #[serde(skip_serializing_if = "Option::is_none")]
    option_id: Option<OptionId>,
    available: u64,
    reserved: u64,
    sold: u64,
}

documented!(Product);

impl From<Document> for Product {
    fn from(listing: Document) -> Self {
        let pieces = listing.stock.options.into_iter().map(|stock| Pieces {
            option_id: stock.option_id,
            available: stock.available,
            reserved: stock.reserved,
            sold: stock.sold,
        });
        Self {
            listing_id: listing.listing_id,
            version: listing.version,
            seller_id: listing.seller_id,
            seller_kind: listing.seller_kind,
            status: listing.status.as_str(),
            state: listing.state,
            reason: listing.reason,
            price: listing.price,
            details: listing.details,
            stock: pieces.collect(),
            likes: listing.likes,
            source: listing.source,
            created_at: listing.created_at,
            updated_at: listing.updated_at,
            title_parts: None,
        }
    }
}

impl Product {
    /// Parts the title where it was found: ranges of bytes, in order and apart.
    pub(crate) fn found_by(mut self, ranges: impl Fn(&str) -> Vec<Range<usize>>) -> Self {
        let title = self.details.title.as_str();
        let mut parts = Vec::new();
        let mut part = |range: Range<usize>, found| {
            let text = title.get(range).filter(|text| !text.is_empty());
            parts.extend(text.map(|text| TitlePart { text: text.to_owned(), found }));
        };
        let mut end = 0;
        for range in ranges(title) {
            part(end..range.start, false);
            end = range.end;
            part(range, true);
        }
        part(end..title.len(), false);
        self.title_parts = Some(parts);
        self
    }
}

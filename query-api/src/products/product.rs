//! A listing as it is answered.

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
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    created_at: Timestamp,
    updated_at: Timestamp,
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
            source: listing.source,
            created_at: listing.created_at,
            updated_at: listing.updated_at,
        }
    }
}

//! `listing_page`: everything about one listing, its status derived from its state and its stock.

use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{ListingId, SellerId};
use events_schema::listing::{self, Details};
use events_schema::money::Money;
use events_schema::text::Reason;
use events_schema::time::Timestamp;
use events_schema::trade::{SellerKind, Source};
use events_schema::{Event, like};
use serde::{Deserialize, Serialize};
use storage::documents::{Collection, Index};

use crate::view::{Order, Poison, View};
use crate::views::stock::Stock;

#[derive(Debug)]
pub struct ListingPage;

/// The id is the listing's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub listing_id: ListingId,
    /// Of the stream `listing/…`.
    pub version: Version,
    pub seller_id: SellerId,
    pub seller_kind: SellerKind,
    pub status: Status,
    /// The listing's own state, whatever its stock.
    pub state: State,
    /// Why it was rejected or suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub price: Money,
    pub details: Details,
    pub stock: Stock,
    /// How many persons like it.
    #[serde(default)]
    pub likes: u64,
    /// `details.category_id`, as text to be found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Draft,
    Submitted,
    Rejected,
    OnSale,
    Suspended,
    Withdrawn,
}

/// What a buyer sees.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    Submitted,
    Rejected,
    OnSale,
    /// On sale, but every piece left is held by an order.
    Reserved,
    /// The only piece there was is sold.
    Sold,
    /// On sale, but nothing is left.
    SoldOut,
    Suspended,
    Withdrawn,
}

impl Status {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Rejected => "rejected",
            Self::OnSale => "on_sale",
            Self::Reserved => "reserved",
            Self::Sold => "sold",
            Self::SoldOut => "sold_out",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether everybody may see it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        match self {
            Self::OnSale | Self::Reserved | Self::Sold | Self::SoldOut => true,
            Self::Draft | Self::Submitted | Self::Rejected | Self::Suspended | Self::Withdrawn => {
                false
            }
        }
    }

    pub(crate) fn of(state: State, stock: &Stock) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Submitted => Self::Submitted,
            State::Rejected => Self::Rejected,
            State::Suspended => Self::Suspended,
            State::Withdrawn => Self::Withdrawn,
            State::OnSale if stock.available() > 0 => Self::OnSale,
            State::OnSale if stock.reserved() > 0 => Self::Reserved,
            State::OnSale if stock.sold() == 1 => Self::Sold,
            State::OnSale => Self::SoldOut,
        }
    }
}

const COLLECTION: Collection = Collection {
    name: ListingPage::NAME,
    indexes: &[
        Index { name: "by_seller", equals: &["seller_id"], sort: "created_at" },
        Index { name: "by_seller_status", equals: &["seller_id", "status"], sort: "created_at" },
        Index { name: "by_status", equals: &["status"], sort: "created_at" },
        Index { name: "by_category_status", equals: &["category", "status"], sort: "created_at" },
    ],
};

impl View for ListingPage {
    type Key = ListingId;
    type Document = Document;

    const NAME: &'static str = "listing_page";
    const VERSION: u32 = 2;
    const ORDER: Order = Order::Key;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<ListingId> {
        match &recorded.event {
            Event::Listing(event) => vec![event.listing_id()],
            Event::Inventory(event) => vec![event.listing_id()],
            Event::Like(event) => vec![event.subject().listing_id],
            Event::Seller(_)
            | Event::Category(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Escrow(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        _key: &ListingId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let mut document = match (&recorded.event, document) {
            // It says nothing new of the listing itself, which goes on as of its last update.
            (Event::Like(event), Some(document)) => return Ok(Some(document.liked(event))),
            (Event::Like(_), None) => return Err(Poison("like of no listing")),
            (Event::Listing(event), document) => of_listing(document, event, recorded)?,
            (Event::Inventory(event), Some(mut document)) => {
                document.stock.apply(event)?;
                document
            }
            (Event::Inventory(_), None) => return Err(Poison("stock of no listing")),
            (
                Event::Seller(_)
                | Event::Category(_)
                | Event::Checkout(_)
                | Event::Order(_)
                | Event::Escrow(_)
                | Event::Shipment(_)
                | Event::Review(_)
                | Event::Policy(_),
                document,
            ) => return Ok(document),
        };
        document.status = Status::of(document.state, &document.stock);
        document.updated_at = recorded.meta.occurred_at;
        Ok(Some(document))
    }
}

fn of_listing(
    document: Option<Document>,
    event: &listing::Event,
    recorded: &Recorded<Event>,
) -> Result<Document, Poison> {
    let mut document = match (event, document) {
        (listing::Event::Drafted(event), None) => {
            let seller = (event.seller_id, event.seller_kind);
            first(event.listing_id, seller, event.price, &event.details, recorded)
        }
        (listing::Event::Observed(event), None) => {
            let seller = (event.seller_id, event.seller_kind);
            first(event.listing_id, seller, event.price, &event.details, recorded)
        }
        (_, None) => return Err(Poison("listing was never drafted")),
        (_, Some(document)) => document,
    };
    document.version = recorded.meta.version;
    match event {
        listing::Event::Drafted(_) => document.state = State::Draft,
        listing::Event::Edited(event) => document.describe(&event.details),
        listing::Event::PriceChanged(event) => document.price = event.new_price,
        listing::Event::Submitted(_) => document.turn(State::Submitted, None),
        listing::Event::Approved(_) | listing::Event::Resumed(_) => {
            document.turn(State::OnSale, None);
        }
        listing::Event::Rejected(event) => document.turn(State::Rejected, Some(&event.reason)),
        listing::Event::Suspended(event) => document.turn(State::Suspended, Some(&event.reason)),
        listing::Event::Withdrawn(_) => document.turn(State::Withdrawn, None),
        listing::Event::Observed(event) => {
            document.turn(State::OnSale, None);
            document.price = event.price;
            document.describe(&event.details);
            document.source = Some(event.source.clone());
        }
    }
    Ok(document)
}

fn first(
    listing_id: ListingId,
    (seller_id, seller_kind): (SellerId, SellerKind),
    price: Money,
    details: &Details,
    recorded: &Recorded<Event>,
) -> Document {
    Document {
        listing_id,
        version: recorded.meta.version,
        seller_id,
        seller_kind,
        status: Status::Draft,
        state: State::Draft,
        reason: None,
        price,
        details: details.clone(),
        stock: Stock::default(),
        likes: 0,
        category: details.category_id.map(|id| id.to_string()),
        source: None,
        created_at: recorded.meta.occurred_at,
        updated_at: recorded.meta.occurred_at,
    }
}

impl Document {
    fn liked(mut self, event: &like::Event) -> Self {
        self.likes = match event {
            like::Event::Given(_) => self.likes.saturating_add(1),
            like::Event::TakenBack(_) => self.likes.saturating_sub(1),
        };
        self
    }

    fn turn(&mut self, state: State, reason: Option<&Reason>) {
        self.state = state;
        self.reason = reason.cloned();
    }

    fn describe(&mut self, details: &Details) {
        self.details = details.clone();
        self.category = details.category_id.map(|id| id.to_string());
    }
}

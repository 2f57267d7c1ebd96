//! Streams: whose history an event belongs to, and where it travels.

use std::fmt;
use std::str::FromStr;

use crate::Event;
use crate::ids::{
    CategoryId, CheckoutId, LikeId, ListingId, OrderId, ReviewId, SellerId, ShipmentId,
};
use crate::malformed::Malformed;
use crate::policy::PolicyKind;

/// One history. As text the aggregate and the id: `order/ord_…`, `policy/fees`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    Seller(SellerId),
    Category(CategoryId),
    Listing(ListingId),
    Inventory(ListingId),
    Checkout(CheckoutId),
    Order(OrderId),
    Escrow(OrderId),
    Shipment(ShipmentId),
    Review(ReviewId),
    Like(LikeId),
    Policy(PolicyKind),
}

impl StreamId {
    /// The part before the slash.
    #[must_use]
    pub const fn aggregate(self) -> &'static str {
        match self {
            Self::Seller(_) => "seller",
            Self::Category(_) => "category",
            Self::Listing(_) => "listing",
            Self::Inventory(_) => "inventory",
            Self::Checkout(_) => "checkout",
            Self::Order(_) => "order",
            Self::Escrow(_) => "escrow",
            Self::Shipment(_) => "shipment",
            Self::Review(_) => "review",
            Self::Like(_) => "like",
            Self::Policy(_) => "policy",
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.aggregate())?;
        match self {
            Self::Seller(id) => id.fmt(f),
            Self::Category(id) => id.fmt(f),
            Self::Listing(id) | Self::Inventory(id) => id.fmt(f),
            Self::Checkout(id) => id.fmt(f),
            Self::Order(id) | Self::Escrow(id) => id.fmt(f),
            Self::Shipment(id) => id.fmt(f),
            Self::Review(id) => id.fmt(f),
            Self::Like(id) => id.fmt(f),
            Self::Policy(kind) => f.write_str(kind.as_str()),
        }
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for StreamId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        fn id<T: FromStr>(text: &str) -> Result<T, Malformed> {
            text.parse().map_err(|_| Malformed("stream"))
        }
        let (aggregate, rest) = text.split_once('/').ok_or(Malformed("stream"))?;
        Ok(match aggregate {
            "seller" => Self::Seller(id(rest)?),
            "category" => Self::Category(id(rest)?),
            "listing" => Self::Listing(id(rest)?),
            "inventory" => Self::Inventory(id(rest)?),
            "checkout" => Self::Checkout(id(rest)?),
            "order" => Self::Order(id(rest)?),
            "escrow" => Self::Escrow(id(rest)?),
            "shipment" => Self::Shipment(id(rest)?),
            "review" => Self::Review(id(rest)?),
            "like" => Self::Like(id(rest)?),
            "policy" => Self::Policy(id(rest)?),
            _ => return Err(Malformed("stream")),
        })
    }
}

/// What decides the partition that a stream travels in: a function of the stream, never of the
/// event.
///
/// All streams of one trade share the checkout's id, all likes of a listing the listing's; any other
/// stream has its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKey(String);

impl PartitionKey {
    /// The key of `stream`, told by its first event (every event of a trade names the checkout, every
    /// event of a like the listing).
    #[must_use]
    pub fn of(stream: StreamId, event: &Event) -> Self {
        if let Some(checkout_id) = event.checkout_id() {
            return Self(checkout_id.to_string());
        }
        if let Event::Like(event) = event {
            return Self(event.subject().listing_id.to_string());
        }
        let text = stream.to_string();
        Self(text.split_once('/').map_or(text.clone(), |(_, id)| id.to_owned()))
    }

    /// A key as it was stored.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::PersonId;
    use crate::like::{Given, Subject};
    use crate::listing::Approved;

    #[test]
    fn a_like_travels_with_its_listing() {
        let listing_id = ListingId::new(Uuid::from_u128(7));
        let like_id = LikeId::new(Uuid::from_u128(8));
        let (seller_id, person_id) = (SellerId::new(Uuid::nil()), PersonId::new(Uuid::nil()));
        let subject = Subject { listing_id, seller_id, person_id };
        let given: crate::like::Event = Given { like_id, subject }.into();
        let like = PartitionKey::of(StreamId::Like(like_id), &given.into());
        let approved: crate::listing::Event = Approved { listing_id, seller_id }.into();
        assert_eq!(like, PartitionKey::of(StreamId::Listing(listing_id), &approved.into()));
    }

    #[test]
    fn text_reads_back() {
        let listing_id = ListingId::new(Uuid::from_u128(7));
        for stream in [
            StreamId::Listing(listing_id),
            StreamId::Inventory(listing_id),
            StreamId::Escrow(OrderId::new(Uuid::from_u128(8))),
            StreamId::Like(LikeId::new(Uuid::from_u128(9))),
            StreamId::Policy(PolicyKind::Fees),
        ] {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        for text in ["order", "order/", "order/lst_00000000000000000000000007", "cart/x", ""] {
            assert_eq!(text.parse::<StreamId>(), Err(Malformed("stream")), "{text}");
        }
    }
}

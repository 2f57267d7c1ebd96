//! Reviews of one delivered order, for tests.

use events_schema::review::{Rating, Reported, Side, Subject, Written};

use super::{Event, review_id};
use crate::ids::{CheckoutId, OrderId, PersonId, SellerId};
use crate::testing::id;
use crate::text::Reason;
use crate::trade::Trade;

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn trade() -> Trade {
    Trade {
        checkout_id: id(1, CheckoutId::new),
        order_id: id(2, OrderId::new),
        seller_id: id(3, SellerId::new),
        buyer_id: id(4, PersonId::new),
    }
}

pub(crate) fn subject() -> Subject {
    Subject {
        checkout_id: trade().checkout_id,
        order_id: Some(trade().order_id),
        seller_id: Some(trade().seller_id),
        buyer_id: trade().buyer_id,
    }
}

pub(crate) fn written(side: Side, stars: u8) -> Written {
    Written {
        review_id: review_id(trade().order_id, side),
        subject: subject(),
        side,
        rating: Rating::new(stars).unwrap(),
        comment: None,
        source: None,
    }
}

pub(crate) fn reason() -> Reason {
    Reason::new("insults").unwrap()
}

pub(crate) fn reported(by: u128) -> Event {
    Reported {
        review_id: review_id(trade().order_id, Side::Buyer),
        subject: subject(),
        reporter_id: id(by, PersonId::new),
        reason: reason(),
    }
    .into()
}

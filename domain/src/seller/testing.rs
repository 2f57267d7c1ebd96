//! Sellers for tests.

use events_schema::seller::{Registered, Reinstated, Suspended};

use super::Event;
use crate::ids::{PersonId, SellerId};
use crate::testing::id;
use crate::text::{Name, Reason};
use crate::trade::SellerKind;

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn seller_id() -> SellerId {
    id(1, SellerId::new)
}

pub(crate) fn reason() -> Reason {
    Reason::new("sells counterfeits").unwrap()
}

pub(crate) fn registered() -> Event {
    Registered {
        seller_id: seller_id(),
        owner_id: id(2, PersonId::new),
        seller_kind: SellerKind::Individual,
        name: Name::new("마포 중고").unwrap(),
        registration_number: None,
        contact: None,
        source: None,
    }
    .into()
}

pub(crate) fn suspended() -> Event {
    Suspended { seller_id: seller_id(), reason: reason() }.into()
}

pub(crate) fn reinstated() -> Event {
    Reinstated { seller_id: seller_id() }.into()
}

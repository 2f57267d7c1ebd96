//! One person and one listing of somebody else, for tests.

use events_schema::like::{Given, TakenBack};

use super::{Event, Subject, like_id};
use crate::ids::{ListingId, PersonId, SellerId};
use crate::testing::id;

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn subject() -> Subject {
    Subject {
        listing_id: id(1, ListingId::new),
        seller_id: id(2, SellerId::new),
        person_id: id(3, PersonId::new),
    }
}

pub(crate) fn owner() -> PersonId {
    id(4, PersonId::new)
}

pub(crate) fn given_like() -> Event {
    let subject = subject();
    Given { like_id: like_id(subject.listing_id, subject.person_id), subject }.into()
}

pub(crate) fn taken_back() -> Event {
    let subject = subject();
    TakenBack { like_id: like_id(subject.listing_id, subject.person_id), subject }.into()
}

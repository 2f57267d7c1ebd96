//! Categories for tests: the n-th is called after its number.

use events_schema::category::{Created, Renamed, Retired};

use super::{Category, Event};
use crate::ids::CategoryId;
use crate::testing::{given, id};
use crate::text::Name;

pub(crate) const NOTHING: [Event; 0] = [];

pub(crate) fn category_id(n: u128) -> CategoryId {
    id(n, CategoryId::new)
}

pub(crate) fn name(n: u128) -> Name {
    Name::new(&format!("분류 {n}")).unwrap()
}

pub(crate) fn created(n: u128, ancestors: &[u128]) -> Event {
    let ancestors = ancestors.iter().map(|n| category_id(*n)).collect();
    Created { category_id: category_id(n), name: name(n), ancestors }.into()
}

pub(crate) fn renamed(n: u128, to: u128) -> Event {
    Renamed { category_id: category_id(n), name: name(to) }.into()
}

pub(crate) fn retired(n: u128) -> Event {
    Retired { category_id: category_id(n) }.into()
}

pub(crate) fn active(n: u128, ancestors: &[u128]) -> Category {
    given::<Category>([created(n, ancestors)]).0
}

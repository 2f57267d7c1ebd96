//! A seller that another system knows.

use events_schema::seller::Registered;

use super::{Event, Seller};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    Seen(Registered),
}

pub(super) fn seen(seller: &Seller, seen: Registered) -> Vec<Event> {
    match seller {
        Seller::Absent => vec![seen.into()],
        Seller::Active(_) | Seller::Suspended(_) => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seller::testing::{NOTHING, registered, suspended};
    use crate::testing::given;

    fn seen() -> Observation {
        let Event::Registered(registered) = registered() else { panic!("not registered") };
        Observation::Seen(registered)
    }

    #[test]
    fn records_a_seller_once() {
        given::<Seller>(NOTHING).when_observed(seen()).then([registered()]);
        given::<Seller>([registered()]).when_observed(seen()).then_nothing();
        given::<Seller>([registered(), suspended()]).when_observed(seen()).then_nothing();
    }
}

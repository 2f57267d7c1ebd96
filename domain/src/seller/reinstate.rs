//! Let a suspended seller sell again.

use events_schema::seller::Reinstated;

use super::{Event, Rejection, Seller};

pub(super) fn decide(seller: &Seller) -> Result<Vec<Event>, Rejection> {
    match seller {
        Seller::Absent => Err(Rejection::NotFound),
        Seller::Active(_) => Ok(vec![]),
        Seller::Suspended(identity) => {
            Ok(vec![Reinstated { seller_id: identity.seller_id }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seller::Command;
    use crate::seller::testing::{NOTHING, registered, reinstated, suspended};
    use crate::testing::given;

    #[test]
    fn reinstates_a_suspended_seller() {
        given::<Seller>([registered(), suspended()]).when(Command::Reinstate).then([reinstated()]);
    }

    #[test]
    fn does_nothing_for_an_active_seller() {
        given::<Seller>([registered()]).when(Command::Reinstate).then_nothing();
    }

    #[test]
    fn refuses_a_seller_that_does_not_exist() {
        given::<Seller>(NOTHING).when(Command::Reinstate).then_rejected(Rejection::NotFound);
    }
}

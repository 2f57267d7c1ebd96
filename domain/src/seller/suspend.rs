//! Suspend a seller: nothing is offered or sold until reinstated.

use events_schema::seller::Suspended;

use super::{Event, Rejection, Seller};
use crate::text::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspend {
    pub reason: Reason,
}

pub(super) fn decide(
    seller: &Seller,
    Suspend { reason }: Suspend,
) -> Result<Vec<Event>, Rejection> {
    match seller {
        Seller::Absent => Err(Rejection::NotFound),
        Seller::Suspended(_) => Ok(vec![]),
        Seller::Active(identity) => {
            Ok(vec![Suspended { seller_id: identity.seller_id, reason }.into()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seller::Command;
    use crate::seller::testing::{NOTHING, reason, registered, reinstated, suspended};
    use crate::testing::given;

    fn suspend() -> Command {
        Command::Suspend(Suspend { reason: reason() })
    }

    #[test]
    fn suspends_an_active_seller() {
        for history in [vec![registered()], vec![registered(), suspended(), reinstated()]] {
            given::<Seller>(history).when(suspend()).then([suspended()]);
        }
    }

    #[test]
    fn does_nothing_when_already_suspended() {
        given::<Seller>([registered(), suspended()]).when(suspend()).then_nothing();
    }

    #[test]
    fn refuses_a_seller_that_does_not_exist() {
        given::<Seller>(NOTHING).when(suspend()).then_rejected(Rejection::NotFound);
    }

    #[test]
    fn a_suspended_seller_may_not_trade() {
        let Seller::Suspended(identity) = given::<Seller>([registered(), suspended()]).0 else {
            panic!("not suspended");
        };
        assert_eq!(Seller::Suspended(identity).trading(), Err(Rejection::Suspended));
        assert_eq!(Seller::Active(identity).trading(), Ok(&identity));
        assert_eq!(Seller::Absent.trading(), Err(Rejection::NotFound));
    }
}

//! The gateway promises the money of one tender.

use events_schema::checkout::Authorised;

use super::{Checkout, Event, Rejection, TenderStatus};
use crate::ids::TenderId;
use crate::text::Code;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorise {
    pub tender_id: TenderId,
    pub reference: Option<Code>,
    pub now: Timestamp,
}

pub(super) fn decide(checkout: &Checkout, command: Authorise) -> Result<Vec<Event>, Rejection> {
    let Authorise { tender_id, reference, now } = command;
    let (known, tender, status) = checkout.tender(tender_id)?;
    match status {
        TenderStatus::Authorised => return Ok(vec![]),
        TenderStatus::Captured => return Err(Rejection::AlreadyCaptured),
        TenderStatus::Announced | TenderStatus::Declined | TenderStatus::Unknown => {}
    }
    known.is_payable(now)?;
    let (checkout_id, buyer_id, tender) = (known.checkout_id, known.buyer_id, tender.clone());
    Ok(vec![Authorised { checkout_id, buyer_id, tender, reference }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{
        LATE, NOTHING, authorised, cancelled, captured, declined, opened, tender_id, unknown,
    };
    use crate::testing::{NOON, given};

    fn authorise(n: u128, now: Timestamp) -> Command {
        Command::Authorise(Authorise { tender_id: tender_id(n), reference: None, now })
    }

    #[test]
    fn authorises_a_first_and_a_second_try() {
        for history in [vec![opened()], vec![opened(), declined(1)], vec![opened(), unknown(1)]] {
            given::<Checkout>(history).when(authorise(1, NOON)).then([authorised(1)]);
        }
    }

    #[test]
    fn authorising_again_is_an_answer() {
        given::<Checkout>([opened(), authorised(1)]).when(authorise(1, LATE)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_time() {
        let refused = |history: Vec<Event>, n, now, rejection| {
            given::<Checkout>(history).when(authorise(n, now)).then_rejected(rejection);
        };
        given::<Checkout>(NOTHING).when(authorise(1, LATE)).then_rejected(Rejection::NotFound);
        refused(vec![opened(), cancelled()], 9, LATE, Rejection::TenderNotFound);
        refused(vec![opened(), captured(1), cancelled()], 1, LATE, Rejection::AlreadyCaptured);
        refused(vec![opened(), cancelled()], 1, LATE, Rejection::Ended);
        refused(vec![opened()], 1, LATE, Rejection::TooLate);
    }
}

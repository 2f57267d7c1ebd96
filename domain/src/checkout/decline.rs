//! A tender brings no money. When none does, the checkout ends.

use events_schema::checkout::{DeclineReason, Declined, EndReason};

use super::{Checkout, Event, Rejection, Status, TenderStatus};
use crate::ids::TenderId;
use crate::text::Code;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    pub tender_id: TenderId,
    pub reason: DeclineReason,
    pub reference: Option<Code>,
}

pub(super) fn decide(checkout: &Checkout, command: Decline) -> Result<Vec<Event>, Rejection> {
    let Decline { tender_id, reason, reference } = command;
    let (known, _, status) = checkout.tender(tender_id)?;
    match status {
        TenderStatus::Declined => return Ok(vec![]),
        TenderStatus::Captured => return Err(Rejection::AlreadyCaptured),
        TenderStatus::Announced | TenderStatus::Authorised | TenderStatus::Unknown => {}
    }
    if known.status == Status::Cancelled {
        return Err(Rejection::Ended);
    }
    let (checkout_id, buyer_id) = (known.checkout_id, known.buyer_id);
    let mut events = vec![Declined { checkout_id, buyer_id, tender_id, reason, reference }.into()];
    if known.fails_without(tender_id) {
        events.push(known.cancelled(EndReason::PaymentDeclined));
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{
        NOTHING, authorised, cancelled, cancelled_because, captured, declined, opened, tender_id,
        unknown,
    };
    use crate::testing::given;

    fn decline(n: u128) -> Command {
        let reason = DeclineReason::InsufficientFunds;
        Command::Decline(Decline { tender_id: tender_id(n), reason, reference: None })
    }

    #[test]
    fn one_declined_tender_leaves_the_others() {
        for history in [vec![opened()], vec![opened(), authorised(1)], vec![opened(), unknown(1)]] {
            given::<Checkout>(history).when(decline(1)).then([declined(1)]);
        }
    }

    #[test]
    fn the_last_declined_tender_ends_the_checkout() {
        let end = cancelled_because(EndReason::PaymentDeclined);
        assert_eq!(Checkout::end_in(&[declined(2), end.clone()]), Some(EndReason::PaymentDeclined));
        given::<Checkout>([opened(), declined(1)]).when(decline(2)).then([declined(2), end]);
        given::<Checkout>([opened(), captured(1)]).when(decline(2)).then([declined(2)]);
    }

    #[test]
    fn declining_again_is_an_answer() {
        given::<Checkout>([opened(), declined(1)]).when(decline(1)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state() {
        given::<Checkout>(NOTHING).when(decline(1)).then_rejected(Rejection::NotFound);
        given::<Checkout>([opened(), cancelled()])
            .when(decline(9))
            .then_rejected(Rejection::TenderNotFound);
        given::<Checkout>([opened(), captured(1), cancelled()])
            .when(decline(1))
            .then_rejected(Rejection::AlreadyCaptured);
        given::<Checkout>([opened(), cancelled()]).when(decline(1)).then_rejected(Rejection::Ended);
    }
}

//! The gateway did not say what became of a tender. A later report resolves it.

use events_schema::checkout::PaymentUnknown;

use super::{Checkout, Event, Rejection, Status, TenderStatus};
use crate::ids::TenderId;
use crate::text::Code;

/// Neither paid nor unpaid until the gateway answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LosePayment {
    pub tender_id: TenderId,
    pub reference: Option<Code>,
}

pub(super) fn decide(checkout: &Checkout, command: LosePayment) -> Result<Vec<Event>, Rejection> {
    let LosePayment { tender_id, reference } = command;
    let (known, _, status) = checkout.tender(tender_id)?;
    match status {
        TenderStatus::Unknown => return Ok(vec![]),
        TenderStatus::Captured => return Err(Rejection::AlreadyCaptured),
        TenderStatus::Announced | TenderStatus::Authorised | TenderStatus::Declined => {}
    }
    if known.status == Status::Cancelled {
        return Err(Rejection::Ended);
    }
    let (checkout_id, buyer_id) = (known.checkout_id, known.buyer_id);
    Ok(vec![PaymentUnknown { checkout_id, buyer_id, tender_id, reference }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{
        NOTHING, authorised, cancelled, captured, declined, opened, tender_id, unknown,
    };
    use crate::testing::given;

    fn lose(n: u128) -> Command {
        Command::LosePayment(LosePayment { tender_id: tender_id(n), reference: None })
    }

    #[test]
    fn any_try_may_end_without_an_answer() {
        for history in [vec![opened()], vec![opened(), authorised(1)], vec![opened(), declined(1)]]
        {
            given::<Checkout>(history).when(lose(1)).then([unknown(1)]);
        }
        given::<Checkout>([opened(), unknown(1)]).when(lose(1)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state() {
        given::<Checkout>(NOTHING).when(lose(1)).then_rejected(Rejection::NotFound);
        given::<Checkout>([opened(), cancelled()])
            .when(lose(9))
            .then_rejected(Rejection::TenderNotFound);
        given::<Checkout>([opened(), captured(1), cancelled()])
            .when(lose(1))
            .then_rejected(Rejection::AlreadyCaptured);
        given::<Checkout>([opened(), cancelled()]).when(lose(1)).then_rejected(Rejection::Ended);
    }
}

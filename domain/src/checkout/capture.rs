//! The gateway has the money of one tender: it is shared out among the orders.

use events_schema::checkout::{Captured, ExcessReason};

use super::allocate::split_by_largest_remainder;
use super::{Checkout, Event, Known, Rejection, Share, Status, TenderStatus};
use crate::ids::TenderId;
use crate::money::{self, Money};
use crate::text::Code;
use crate::time::Timestamp;
use crate::trade::Tender;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub tender_id: TenderId,
    pub reference: Option<Code>,
    pub now: Timestamp,
}

pub(super) fn decide(checkout: &Checkout, command: Capture) -> Result<Vec<Event>, Rejection> {
    let Capture { tender_id, reference, now } = command;
    let (known, tender, status) = checkout.tender(tender_id)?;
    if status == TenderStatus::Captured {
        return Ok(vec![]);
    }
    known.is_payable(now)?;
    let (shares, excess) = known.share_out(tender.amount)?;
    Ok(vec![known.captured(tender.clone(), reference, (shares, excess)).into()])
}

impl Known {
    /// What of `amount` goes to which order, and what none of them lacks. Nothing is given to a
    /// cancelled order, nor to any once the checkout has ended.
    ///
    /// # Errors
    /// [`money::Error::CurrencyMismatch`].
    pub(super) fn share_out(&self, amount: Money) -> Result<(Vec<Share>, Money), money::Error> {
        let lacking = self.asked().filter(|_| self.status != Status::Cancelled);
        let lacking: Vec<_> =
            lacking.map(|share| Share { amount: self.lacks(share), ..*share }).collect();
        split_by_largest_remainder(amount, &lacking)
    }

    pub(super) fn captured(
        &self,
        tender: Tender,
        reference: Option<Code>,
        (shares, excess): (Vec<Share>, Money),
    ) -> Captured {
        let reason = if self.status == Status::Cancelled {
            ExcessReason::AfterEnd
        } else if self.shares.is_empty() {
            ExcessReason::NoOrder
        } else {
            ExcessReason::Overpaid
        };
        Captured {
            checkout_id: self.checkout_id,
            buyer_id: self.buyer_id,
            tender,
            shares,
            excess,
            excess_reason: Some(reason).filter(|_| !excess.is_zero()),
            reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{
        LATE, NOTHING, authorised, cancelled, captured, captured_with, declined, opened, reduced,
        share, tender_id, unknown,
    };
    use crate::decider::replay;
    use crate::testing::{NOON, given};

    fn capture(n: u128, now: Timestamp) -> Command {
        Command::Capture(Capture { tender_id: tender_id(n), reference: None, now })
    }

    #[test]
    fn shares_each_tender_pro_rata_to_what_is_lacking() {
        // 70 and 30 are due; tender 1 is of 60, tender 2 of 40.
        for before in [None, Some(authorised(1)), Some(unknown(1)), Some(declined(1))] {
            let history: Vec<_> = [opened()].into_iter().chain(before).collect();
            let shares = vec![share(1, 42), share(2, 18)];
            let expected = captured_with(1, shares, 0, None);
            given::<Checkout>(history).when(capture(1, NOON)).then([expected]);
        }
        let rest = captured_with(2, vec![share(1, 28), share(2, 12)], 0, None);
        given::<Checkout>([opened(), captured(1)]).when(capture(2, NOON)).then([rest]);
    }

    #[test]
    fn the_last_capture_pays_every_order() {
        let state = replay::<Checkout>(&[opened(), captured(1)]);
        assert_eq!(replay::<Checkout>(&[opened()]).paid_orders_after(&[captured(1)]), []);
        assert_eq!(state.paid_orders_after(&[captured(2)]), [share(1, 70), share(2, 30)]);
    }

    #[test]
    fn a_cancelled_order_gets_nothing_and_what_is_left_over_is_named() {
        let only = captured_with(1, vec![share(1, 60)], 0, None);
        given::<Checkout>([opened(), reduced(2, 0)]).when(capture(1, NOON)).then([only]);
        let over = captured_with(1, vec![share(2, 30)], 30, Some(ExcessReason::Overpaid));
        given::<Checkout>([opened(), reduced(1, 0)]).when(capture(1, NOON)).then([over]);
    }

    #[test]
    fn capturing_again_is_an_answer() {
        let history = [opened(), captured(1), captured(2)];
        given::<Checkout>(history).when(capture(1, LATE)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_time() {
        let refused = |history: Vec<Event>, n, rejection| {
            given::<Checkout>(history).when(capture(n, LATE)).then_rejected(rejection);
        };
        given::<Checkout>(NOTHING).when(capture(1, LATE)).then_rejected(Rejection::NotFound);
        refused(vec![opened(), cancelled()], 9, Rejection::TenderNotFound);
        refused(vec![opened(), cancelled()], 1, Rejection::Ended);
        let all = captured_with(2, vec![share(1, 70), share(2, 30)], 0, None);
        refused(vec![opened(), all], 1, Rejection::AlreadyPaid);
        refused(vec![opened()], 1, Rejection::TooLate);
    }
}

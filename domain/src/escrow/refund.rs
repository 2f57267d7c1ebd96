//! Money is booked to go back to the buyer.

use events_schema::escrow::{RefundReason, Refunded};

use super::{Escrow, Event, Held, Rejection};
use crate::money::{self, Money};
use crate::trade::Tender;

/// In whole whatever the fees, for they are reversed with it; in part out of what the seller would
/// have got, for the fees are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refund {
    pub amount: RefundAmount,
    pub reason: RefundReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAmount {
    /// Whatever is left.
    Whole,
    Part(Money),
}

pub(super) fn decide(escrow: &Escrow, command: Refund) -> Result<Vec<Event>, Rejection> {
    let Refund { amount, reason } = command;
    let held = match escrow {
        Escrow::Absent => return Err(Rejection::NotFound),
        Escrow::Released(_) => return Err(Rejection::AlreadyReleased),
        Escrow::Held(held) => held,
    };
    let left = held.balance()?;
    let amount = match amount {
        RefundAmount::Whole if left.is_zero() => return Ok(vec![]),
        RefundAmount::Whole => left,
        RefundAmount::Part(part) => {
            check_part(held, part, left)?;
            part
        }
    };
    let tenders = last_funded_first(held, amount)?;
    Ok(vec![Refunded { trade: held.trade, amount, tenders, reason }.into()])
}

fn check_part(held: &Held, part: Money, left: Money) -> Result<(), Rejection> {
    if part.is_zero() {
        return Err(Rejection::NoAmount);
    }
    if left.checked_sub(part)?.is_zero() {
        return Ok(());
    }
    let sellers = held.terms.ok_or(Rejection::NotFound)?.sellers_part()?;
    let refunded = held.refunded()?.checked_add(part)?;
    match sellers.checked_sub(refunded) {
        Err(money::Error::Negative) => Err(Rejection::ExceedsSellersPart),
        rest => Ok(rest.map(|_| ())?),
    }
}

/// The tender that came last gets its money back first, and none gets more than it brought.
fn last_funded_first(held: &Held, amount: Money) -> Result<Vec<Tender>, money::Error> {
    let mut rest = amount;
    let mut tenders = vec![];
    for funding in held.fundings.iter().rev() {
        let open = funding.amount.checked_sub(funding.refunded)?;
        let back = if open.amount_minor() < rest.amount_minor() { open } else { rest };
        if !back.is_zero() {
            rest = rest.checked_sub(back)?;
            let (tender_id, method) = (funding.tender_id, funding.method.clone());
            tenders.push(Tender { tender_id, method, amount: back });
        }
    }
    if rest.is_zero() { Ok(tenders) } else { Err(money::Error::Negative) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escrow::Command;
    use crate::escrow::testing::{NOTHING, funded, opened, refunded, released};
    use crate::money::Currency;
    use crate::order::testing::won;
    use crate::testing::given;

    const WHOLE: Command = refund(RefundAmount::Whole);

    const fn refund(amount: RefundAmount) -> Command {
        Command::Refund(Refund { amount, reason: RefundReason::OrderCancelled })
    }

    fn part(amount_minor: u64) -> Command {
        refund(RefundAmount::Part(won(amount_minor)))
    }

    fn paid() -> Vec<Event> {
        vec![opened(), funded(1, 20_000), funded(2, 13_000)]
    }

    #[test]
    fn the_tender_that_came_last_gets_its_money_back_first() {
        given::<Escrow>(paid()).when(WHOLE).then([refunded(&[(2, 13_000), (1, 20_000)])]);
        given::<Escrow>(paid()).when(part(12_000)).then([refunded(&[(2, 12_000)])]);
        let mut history = paid();
        history.push(refunded(&[(2, 12_000)]));
        given::<Escrow>(history).when(part(5_000)).then([refunded(&[(2, 1_000), (1, 4_000)])]);
    }

    #[test]
    fn what_was_paid_in_part_goes_back_in_whole() {
        given::<Escrow>([opened(), funded(1, 20_000)]).when(WHOLE).then([refunded(&[(1, 20_000)])]);
        given::<Escrow>([opened(), funded(1, 500)]).when(part(500)).then([refunded(&[(1, 500)])]);
    }

    #[test]
    fn nothing_left_is_an_answer() {
        given::<Escrow>([opened()]).when(WHOLE).then_nothing();
        let mut history = paid();
        history.push(refunded(&[(2, 13_000), (1, 20_000)]));
        given::<Escrow>(history).when(WHOLE).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_amounts() {
        let refused = |history: Vec<Event>, command, rejection| {
            given::<Escrow>(history).when(command).then_rejected(rejection);
        };
        given::<Escrow>(NOTHING).when(part(0)).then_rejected(Rejection::NotFound);
        let ended = vec![opened(), funded(1, 33_000), released()];
        refused(ended.clone(), part(0), Rejection::AlreadyReleased);
        refused(ended, WHOLE, Rejection::AlreadyReleased);
        refused(paid(), part(0), Rejection::NoAmount);
        let real = RefundAmount::Part(Money::from_minor(1, Currency::Brl).unwrap());
        refused(paid(), refund(real), Rejection::MixedCurrencies);
        refused(paid(), part(33_001), Rejection::ExceedsEscrow);
        // 33,000 less 3,000 for shipping, 1,500 of fee and 150 of VAT.
        refused(paid(), part(28_351), Rejection::ExceedsSellersPart);
        given::<Escrow>(paid()).when(part(28_350)).then([refunded(&[(2, 13_000), (1, 15_350)])]);
        refused(vec![funded(1, 5)], part(4), Rejection::NotFound);
    }
}

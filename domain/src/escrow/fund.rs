//! A part of a captured tender is put aside for this order.

use events_schema::escrow::Funded;

use super::{Escrow, Event, Rejection};
use crate::ids::TenderId;
use crate::money::{self, Money};
use crate::trade::TenderMethod;

/// Each tender funds an order once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    pub tender_id: TenderId,
    pub method: TenderMethod,
    pub amount: Money,
}

pub(super) fn decide(escrow: &Escrow, command: Fund) -> Result<Vec<Event>, Rejection> {
    let Fund { tender_id, method, amount } = command;
    let (Escrow::Held(held) | Escrow::Released(held)) = escrow else {
        return Err(Rejection::NotFound);
    };
    let terms = held.terms.ok_or(Rejection::NotFound)?;
    if let Some(funding) = held.fundings.iter().find(|funding| funding.tender_id == tender_id) {
        let same = funding.amount == amount;
        return if same { Ok(vec![]) } else { Err(Rejection::TenderAlreadyUsed) };
    }
    if matches!(escrow, Escrow::Released(_)) {
        return Err(Rejection::AlreadyReleased);
    }
    if amount.is_zero() {
        return Err(Rejection::NoAmount);
    }
    let funded = held.funded()?.checked_add(amount)?;
    match terms.due.checked_sub(funded) {
        Err(money::Error::Negative) => return Err(Rejection::ExceedsDue),
        rest => rest?,
    };
    Ok(vec![Funded { trade: held.trade, tender_id, method, amount }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::testing::tender_id;
    use crate::escrow::Command;
    use crate::escrow::testing::{CARD, NOTHING, funded, opened, refunded, released};
    use crate::money::{AMOUNT_MINOR_MAX, Currency};
    use crate::order::testing::won;
    use crate::testing::given;

    fn fund(n: u128, amount: Money) -> Command {
        Command::Fund(Fund { tender_id: tender_id(n), method: CARD, amount })
    }

    #[test]
    fn fills_up_to_what_is_due() {
        given::<Escrow>([opened()]).when(fund(1, won(33_000))).then([funded(1, 33_000)]);
        given::<Escrow>([opened(), funded(1, 30_000)])
            .when(fund(2, won(3_000)))
            .then([funded(2, 3_000)]);
    }

    #[test]
    fn funding_again_is_an_answer() {
        let history = [opened(), funded(1, 33_000), released()];
        given::<Escrow>(history).when(fund(1, won(33_000))).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_amounts() {
        let refused = |history: Vec<Event>, command, rejection| {
            given::<Escrow>(history).when(command).then_rejected(rejection);
        };
        let full = || vec![opened(), funded(1, 33_000)];
        let ended = || vec![opened(), funded(1, 33_000), released()];
        given::<Escrow>(NOTHING).when(fund(1, won(0))).then_rejected(Rejection::NotFound);
        refused(vec![funded(1, 5)], fund(1, won(5)), Rejection::NotFound);
        refused(ended(), fund(1, won(0)), Rejection::TenderAlreadyUsed);
        refused(ended(), fund(2, won(0)), Rejection::AlreadyReleased);
        refused(full(), fund(2, Money::zero(Currency::Brl)), Rejection::NoAmount);
        let real = Money::from_minor(1, Currency::Brl).unwrap();
        refused(full(), fund(2, real), Rejection::MixedCurrencies);
        refused(full(), fund(2, won(AMOUNT_MINOR_MAX)), Rejection::AmountTooLarge);
        refused(full(), fund(2, won(1)), Rejection::ExceedsDue);
        // What went back cannot be filled up again.
        let back = vec![opened(), funded(1, 33_000), refunded(&[(1, 33_000)])];
        refused(back, fund(2, won(1)), Rejection::ExceedsDue);
    }
}

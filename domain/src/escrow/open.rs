//! The order was placed: so much is due.

use super::{Escrow, Event, Opened, Rejection, Terms};
use crate::trade::Trade;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    pub trade: Trade,
    pub terms: Terms,
}

pub(super) fn decide(
    escrow: &Escrow,
    Open { trade, terms }: Open,
) -> Result<Vec<Event>, Rejection> {
    match escrow {
        Escrow::Absent => {
            terms.sellers_part()?;
            Ok(vec![opened(trade, terms).into()])
        }
        Escrow::Held(held) | Escrow::Released(held)
            if held.trade == trade && held.terms == Some(terms) =>
        {
            Ok(vec![])
        }
        Escrow::Held(_) | Escrow::Released(_) => Err(Rejection::AlreadyOpened),
    }
}

pub(super) const fn opened(trade: Trade, terms: Terms) -> Opened {
    let Terms { due, shipping, fee, fee_vat } = terms;
    Opened { trade, due, shipping, fee, fee_vat }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escrow::Command;
    use crate::escrow::testing::{NOTHING, funded, opened, released, terms};
    use crate::money::{AMOUNT_MINOR_MAX, Currency, Money};
    use crate::order::testing::{TRADE, won};
    use crate::testing::given;

    fn open(terms: Terms) -> Command {
        Command::Open(Open { trade: TRADE, terms })
    }

    #[test]
    fn opens_with_what_is_due() {
        given::<Escrow>(NOTHING).when(open(terms())).then([opened()]);
    }

    #[test]
    fn opening_again_is_an_answer() {
        given::<Escrow>([opened()]).when(open(terms())).then_nothing();
        given::<Escrow>([opened(), funded(1, 33_000), released()])
            .when(open(terms()))
            .then_nothing();
    }

    #[test]
    fn refuses_in_order_state_amounts() {
        let refused = |terms: Terms, rejection| {
            given::<Escrow>(NOTHING).when(open(terms)).then_rejected(rejection);
        };
        let none = Terms { fee: won(99_999), ..terms() };
        given::<Escrow>([opened()]).when(open(none)).then_rejected(Rejection::AlreadyOpened);
        let reais = Money::zero(Currency::Brl);
        refused(Terms { fee: reais, ..terms() }, Rejection::MixedCurrencies);
        refused(Terms { fee: won(AMOUNT_MINOR_MAX), ..terms() }, Rejection::AmountTooLarge);
        refused(none, Rejection::FeeExceedsDue);
    }
}

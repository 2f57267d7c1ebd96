//! All of an order's total is in escrow.

use events_schema::order::Paid;

use super::{Event, Order, Rejection, Status};
use crate::money::Money;

/// Comes with the capture that completes the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pay {
    pub amount: Money,
}

pub(super) fn decide(order: &Order, Pay { amount }: Pay) -> Result<Vec<Event>, Rejection> {
    let Order::Known(known) = order else {
        return Err(Rejection::NotFound);
    };
    if known.steps.contains(&Status::Paid) {
        return Ok(vec![]);
    }
    match known.status {
        Status::Cancelled => Err(Rejection::AlreadyCancelled),
        // What was observed may be shipped before it is paid for.
        Status::Placed
        | Status::Paid
        | Status::Preparing
        | Status::Shipped
        | Status::Delivered
        | Status::Confirmed => {
            if known.total == Some(amount) {
                Ok(vec![Paid { trade: known.trade, amount }.into()])
            } else {
                Err(Rejection::AmountDiffers)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Command;
    use crate::order::testing::{NOTHING, cancelled, paid, placed, shipped, total, won};
    use crate::testing::given;

    fn pay(amount: Money) -> Command {
        Command::Pay(Pay { amount })
    }

    #[test]
    fn pays_the_whole_total() {
        given::<Order>([placed()]).when(pay(total())).then([paid()]);
        given::<Order>([placed(), shipped()]).when(pay(total())).then([paid()]);
    }

    #[test]
    fn paying_again_is_an_answer() {
        given::<Order>([placed(), paid()]).when(pay(total())).then_nothing();
        given::<Order>([placed(), paid(), cancelled()]).when(pay(total())).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_state_amount() {
        given::<Order>(NOTHING).when(pay(won(1))).then_rejected(Rejection::NotFound);
        given::<Order>([placed(), cancelled()])
            .when(pay(won(1)))
            .then_rejected(Rejection::AlreadyCancelled);
        given::<Order>([placed()]).when(pay(won(1))).then_rejected(Rejection::AmountDiffers);
    }
}

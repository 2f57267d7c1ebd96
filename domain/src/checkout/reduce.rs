//! One of the orders was cancelled: it is asked for no more. With the last of them the checkout ends.

use events_schema::checkout::Reduced;

use super::{Checkout, EndReason, Event, Rejection, Status};
use crate::ids::OrderId;
use crate::money::Money;

/// Comes with the order's own cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduce {
    pub order_id: OrderId,
}

/// Nothing is asked once all is paid, or the checkout has ended: that is an answer.
pub(super) fn decide(
    checkout: &Checkout,
    Reduce { order_id }: Reduce,
) -> Result<Vec<Event>, Rejection> {
    let Checkout::Known(known) = checkout else {
        return Err(Rejection::NotFound);
    };
    let share = known.asked().find(|share| share.order_id == order_id);
    let (Some(&share), Status::Open) = (share, known.status) else {
        return Ok(vec![]);
    };
    let mut left = known.asked().filter(|share| share.order_id != order_id).peekable();
    if left.peek().is_none() {
        return Ok(vec![known.cancelled(EndReason::OrdersCancelled)]);
    }
    let (checkout_id, buyer_id) = (known.checkout_id, known.buyer_id);
    let total = Money::sum(share.amount.currency(), left.map(|share| share.amount))?;
    let allocated = known.got(&share);
    Ok(vec![Reduced { checkout_id, buyer_id, share, allocated, total }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{
        NOTHING, cancelled, captured, captured_with, opened, order_id, reduced, share,
    };
    use crate::decider::replay;
    use crate::testing::given;

    fn reduce(n: u128) -> Command {
        Command::Reduce(Reduce { order_id: order_id(n) })
    }

    fn status(history: &[Event]) -> Status {
        let Checkout::Known(known) = replay(history) else { unreachable!("it was opened") };
        known.status
    }

    #[test]
    fn a_cancelled_order_is_asked_for_no_more() {
        given::<Checkout>([opened()]).when(reduce(2)).then([reduced(2, 0)]);
        given::<Checkout>([opened(), captured(1)]).when(reduce(1)).then([reduced(1, 42)]);
    }

    #[test]
    fn what_is_left_pays_the_checkout() {
        let rest = captured_with(1, vec![share(1, 60)], 0, None);
        assert_eq!(status(&[opened(), reduced(2, 0), rest.clone()]), Status::Open);
        let last = captured_with(2, vec![share(1, 10)], 30, None);
        let state = replay::<Checkout>(&[opened(), reduced(2, 0), rest.clone()]);
        assert_eq!(state.paid_orders_after(std::slice::from_ref(&last)), [share(1, 70)]);
        assert_eq!(status(&[opened(), reduced(2, 0), rest, last]), Status::Paid);
    }

    #[test]
    fn it_is_paid_when_only_the_cancelled_order_lacked_money() {
        let first = captured_with(1, vec![share(2, 30)], 30, None);
        assert_eq!(
            replay::<Checkout>(&[opened(), first.clone()]).paid_orders_after(&[reduced(1, 0)]),
            []
        );
        assert_eq!(status(&[opened(), first, reduced(1, 0)]), Status::Paid);
    }

    #[test]
    fn the_last_cancelled_order_ends_it() {
        given::<Checkout>([opened(), reduced(1, 0)]).when(reduce(2)).then([cancelled()]);
    }

    #[test]
    fn what_asks_nothing_any_more_is_not_reduced() {
        given::<Checkout>([opened(), reduced(1, 0)]).when(reduce(1)).then_nothing();
        given::<Checkout>([opened()]).when(reduce(9)).then_nothing();
        given::<Checkout>([opened(), cancelled()]).when(reduce(1)).then_nothing();
        given::<Checkout>([opened(), captured(1), captured(2)]).when(reduce(1)).then_nothing();
    }

    #[test]
    fn refuses_what_does_not_exist() {
        given::<Checkout>(NOTHING).when(reduce(1)).then_rejected(Rejection::NotFound);
    }
}

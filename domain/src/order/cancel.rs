//! Cancel an order that has not left the seller.

use events_schema::order::Cancelled;

use super::{By, CancelReason, Event, Order, Rejection, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancel {
    pub reason: CancelReason,
    pub by: By,
}

pub(super) fn decide(
    order: &Order,
    Cancel { reason, by }: Cancel,
) -> Result<Vec<Event>, Rejection> {
    let known = order.open_to(by)?;
    if !may_give(by, reason) {
        return Err(Rejection::ReasonNotAllowed);
    }
    match known.status {
        // Cancelling twice is the same wish, already granted.
        Status::Cancelled => Ok(vec![]),
        Status::Shipped | Status::Delivered | Status::Confirmed => Err(Rejection::AlreadyShipped),
        Status::Placed | Status::Paid | Status::Preparing => {
            Ok(vec![Cancelled { trade: known.trade, reason }.into()])
        }
    }
}

/// Nobody speaks for the other side; only the marketplace knows that a payment failed.
const fn may_give(by: By, reason: CancelReason) -> bool {
    match reason {
        CancelReason::BuyerChangedMind => matches!(by, By::Buyer(_) | By::Staff),
        CancelReason::OutOfStock | CancelReason::SellerCannotSupply => {
            matches!(by, By::Seller(_) | By::Staff)
        }
        CancelReason::NotPaidInTime | CancelReason::PaymentDeclined => matches!(by, By::Staff),
        CancelReason::Observed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Command;
    use crate::order::testing::{
        BUYER, NOTHING, SELLER, STRANGER, TRADE, paid, placed, preparing, shipped,
    };
    use crate::testing::given;

    fn cancel(reason: CancelReason, by: By) -> Command {
        Command::Cancel(Cancel { reason, by })
    }

    fn cancelled(reason: CancelReason) -> Event {
        Cancelled { trade: TRADE, reason }.into()
    }

    #[test]
    fn cancels_until_it_is_shipped() {
        let reason = CancelReason::BuyerChangedMind;
        for history in [vec![placed()], vec![placed(), paid()], vec![placed(), paid(), preparing()]]
        {
            given::<Order>(history).when(cancel(reason, BUYER)).then([cancelled(reason)]);
        }
    }

    #[test]
    fn each_side_gives_its_own_reasons() {
        let allowed = |reason| {
            [BUYER, SELLER, By::Staff].map(|by| {
                let outcome = given::<Order>([placed()]).when(cancel(reason, by));
                outcome.0 != Err(Rejection::ReasonNotAllowed)
            })
        };
        assert_eq!(allowed(CancelReason::BuyerChangedMind), [true, false, true]);
        assert_eq!(allowed(CancelReason::OutOfStock), [false, true, true]);
        assert_eq!(allowed(CancelReason::SellerCannotSupply), [false, true, true]);
        assert_eq!(allowed(CancelReason::NotPaidInTime), [false, false, true]);
        assert_eq!(allowed(CancelReason::PaymentDeclined), [false, false, true]);
        assert_eq!(allowed(CancelReason::Observed), [false, false, false]);
    }

    #[test]
    fn cancelling_again_is_an_answer() {
        let history = [placed(), cancelled(CancelReason::NotPaidInTime)];
        given::<Order>(history).when(cancel(CancelReason::BuyerChangedMind, BUYER)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_permission_state() {
        let (ours, theirs) = (CancelReason::BuyerChangedMind, CancelReason::OutOfStock);
        let shipped = || [placed(), paid(), shipped()];
        given::<Order>(NOTHING).when(cancel(theirs, BUYER)).then_rejected(Rejection::NotFound);
        given::<Order>(shipped()).when(cancel(theirs, STRANGER)).then_rejected(Rejection::NotFound);
        given::<Order>(shipped())
            .when(cancel(theirs, BUYER))
            .then_rejected(Rejection::ReasonNotAllowed);
        given::<Order>(shipped())
            .when(cancel(ours, BUYER))
            .then_rejected(Rejection::AlreadyShipped);
    }
}

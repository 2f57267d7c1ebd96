//! The buyer is content: the escrow may be released.

use events_schema::order::Confirmed;

use super::{By, Event, Order, Rejection, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirm {
    pub by: By,
}

pub(super) fn decide(order: &Order, Confirm { by }: Confirm) -> Result<Vec<Event>, Rejection> {
    let known = order.open_to(by)?;
    if matches!(by, By::Seller(_)) {
        return Err(Rejection::OnlyBuyer);
    }
    if known.steps.contains(&Status::Confirmed) {
        return Ok(vec![]);
    }
    match known.status {
        Status::Placed | Status::Paid | Status::Preparing | Status::Shipped => {
            Err(Rejection::NotDelivered)
        }
        Status::Delivered | Status::Confirmed => Ok(vec![Confirmed { trade: known.trade }.into()]),
        Status::Cancelled => Err(Rejection::AlreadyCancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Command;
    use crate::order::testing::{
        BUYER, NOTHING, SELLER, STRANGER, cancelled, confirmed, delivered, paid, placed, shipped,
    };
    use crate::testing::given;

    fn confirm(by: By) -> Command {
        Command::Confirm(Confirm { by })
    }

    #[test]
    fn confirms_what_was_delivered() {
        for by in [BUYER, By::Staff] {
            given::<Order>([placed(), paid(), shipped(), delivered()])
                .when(confirm(by))
                .then([confirmed()]);
        }
    }

    #[test]
    fn confirming_again_is_an_answer() {
        let history = [placed(), paid(), shipped(), delivered(), confirmed()];
        given::<Order>(history).when(confirm(BUYER)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_permission_state() {
        given::<Order>(NOTHING).when(confirm(BUYER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(confirm(STRANGER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(confirm(SELLER)).then_rejected(Rejection::OnlyBuyer);
        given::<Order>([placed(), paid(), shipped()])
            .when(confirm(BUYER))
            .then_rejected(Rejection::NotDelivered);
        given::<Order>([placed(), cancelled()])
            .when(confirm(BUYER))
            .then_rejected(Rejection::AlreadyCancelled);
    }
}

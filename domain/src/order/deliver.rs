//! The parcel has reached the buyer.

use events_schema::order::Delivered;

use super::{By, Event, Order, Rejection, Status};

/// Given by the marketplace, for a carrier, or by the seller who brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deliver {
    pub by: By,
}

pub(super) fn decide(order: &Order, Deliver { by }: Deliver) -> Result<Vec<Event>, Rejection> {
    let known = order.open_to(by)?;
    by.is_on_sellers_side()?;
    if known.steps.contains(&Status::Delivered) {
        return Ok(vec![]);
    }
    match known.status {
        Status::Placed | Status::Paid | Status::Preparing => Err(Rejection::NotShipped),
        Status::Shipped | Status::Delivered | Status::Confirmed => {
            Ok(vec![Delivered { trade: known.trade }.into()])
        }
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

    fn deliver(by: By) -> Command {
        Command::Deliver(Deliver { by })
    }

    #[test]
    fn delivers_what_was_shipped() {
        given::<Order>([placed(), paid(), shipped()]).when(deliver(By::Staff)).then([delivered()]);
        given::<Order>([placed(), paid(), shipped()]).when(deliver(SELLER)).then([delivered()]);
    }

    #[test]
    fn delivering_again_is_an_answer() {
        let history = [placed(), paid(), shipped(), delivered(), confirmed()];
        given::<Order>(history).when(deliver(By::Staff)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_permission_state() {
        given::<Order>(NOTHING).when(deliver(SELLER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(deliver(STRANGER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(deliver(BUYER)).then_rejected(Rejection::OnlySeller);
        given::<Order>([placed(), paid()])
            .when(deliver(SELLER))
            .then_rejected(Rejection::NotShipped);
        given::<Order>([placed(), cancelled()])
            .when(deliver(SELLER))
            .then_rejected(Rejection::AlreadyCancelled);
    }
}

//! The seller starts to pack.

use events_schema::order::Preparing;

use super::{By, Event, Order, Rejection, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prepare {
    pub by: By,
}

pub(super) fn decide(order: &Order, Prepare { by }: Prepare) -> Result<Vec<Event>, Rejection> {
    let known = order.open_to(by)?;
    by.is_on_sellers_side()?;
    if known.steps.contains(&Status::Preparing) {
        return Ok(vec![]);
    }
    match known.status {
        Status::Placed => Err(Rejection::NotPaid),
        Status::Paid | Status::Preparing => Ok(vec![Preparing { trade: known.trade }.into()]),
        Status::Shipped | Status::Delivered | Status::Confirmed => Err(Rejection::AlreadyShipped),
        Status::Cancelled => Err(Rejection::AlreadyCancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Command;
    use crate::order::testing::{
        BUYER, NOTHING, SELLER, STRANGER, cancelled, paid, placed, preparing, shipped,
    };
    use crate::testing::given;

    fn prepare(by: By) -> Command {
        Command::Prepare(Prepare { by })
    }

    #[test]
    fn packs_what_is_paid() {
        given::<Order>([placed(), paid()]).when(prepare(SELLER)).then([preparing()]);
        given::<Order>([placed(), paid()]).when(prepare(By::Staff)).then([preparing()]);
    }

    #[test]
    fn packing_again_is_an_answer() {
        let history = [placed(), paid(), preparing(), shipped()];
        given::<Order>(history).when(prepare(SELLER)).then_nothing();
    }

    #[test]
    fn refuses_in_order_absence_permission_state() {
        given::<Order>(NOTHING).when(prepare(SELLER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(prepare(STRANGER)).then_rejected(Rejection::NotFound);
        given::<Order>([placed()]).when(prepare(BUYER)).then_rejected(Rejection::OnlySeller);
        given::<Order>([placed()]).when(prepare(SELLER)).then_rejected(Rejection::NotPaid);
        given::<Order>([placed(), paid(), shipped()])
            .when(prepare(SELLER))
            .then_rejected(Rejection::AlreadyShipped);
        given::<Order>([placed(), cancelled()])
            .when(prepare(SELLER))
            .then_rejected(Rejection::AlreadyCancelled);
    }
}

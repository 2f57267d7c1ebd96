//! End a checkout that was not paid in full.

use super::{Checkout, EndReason, Event, Rejection, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancel {
    pub reason: EndReason,
}

pub(super) fn decide(
    checkout: &Checkout,
    Cancel { reason }: Cancel,
) -> Result<Vec<Event>, Rejection> {
    let Checkout::Known(known) = checkout else {
        return Err(Rejection::NotFound);
    };
    match known.status {
        Status::Cancelled => Ok(vec![]),
        Status::Paid => Err(Rejection::AlreadyPaid),
        Status::Open => Ok(vec![known.cancelled(reason)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{NOTHING, cancelled, captured, opened};
    use crate::testing::given;

    fn cancel() -> Command {
        Command::Cancel(Cancel { reason: EndReason::OrdersCancelled })
    }

    #[test]
    fn ends_what_is_not_paid_in_full() {
        given::<Checkout>([opened()]).when(cancel()).then([cancelled()]);
        given::<Checkout>([opened(), captured(1)]).when(cancel()).then([cancelled()]);
    }

    #[test]
    fn cancelling_again_is_an_answer() {
        given::<Checkout>([opened(), cancelled()]).when(cancel()).then_nothing();
    }

    #[test]
    fn refuses_what_is_absent_or_paid() {
        given::<Checkout>(NOTHING).when(cancel()).then_rejected(Rejection::NotFound);
        given::<Checkout>([opened(), captured(1), captured(2)])
            .when(cancel())
            .then_rejected(Rejection::AlreadyPaid);
    }
}

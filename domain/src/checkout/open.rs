//! Open a checkout: what is bought, and how it will be paid.

use std::collections::BTreeSet;

use super::{Checkout, Event, ORDERS_MAX, Opened, Rejection, Share, TENDERS_MAX};
use crate::ids::{CheckoutId, PersonId};
use crate::money::Money;
use crate::time::Timestamp;
use crate::trade::Tender;

/// The total is the sum of the shares; the tenders add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub checkout_id: CheckoutId,
    pub buyer_id: PersonId,
    pub shares: Vec<Share>,
    pub tenders: Vec<Tender>,
    pub pay_until: Timestamp,
}

pub(super) fn decide(checkout: &Checkout, command: Open) -> Result<Vec<Event>, Rejection> {
    let Open { checkout_id, buyer_id, shares, tenders, pay_until } = command;
    if let Checkout::Known(known) = checkout {
        let same = known.buyer_id == buyer_id && known.shares == shares;
        return if same { Ok(vec![]) } else { Err(Rejection::AlreadyOpened) };
    }
    let currency = shares.first().ok_or(Rejection::NoOrders)?.amount.currency();
    if shares.len() > ORDERS_MAX {
        return Err(Rejection::TooManyOrders);
    }
    let (mut orders, mut sellers) = (BTreeSet::new(), BTreeSet::new());
    let single = |share: &Share| orders.insert(share.order_id) && sellers.insert(share.seller_id);
    if !shares.iter().all(single) {
        return Err(Rejection::DuplicateOrder);
    }
    if tenders.len() > TENDERS_MAX {
        return Err(Rejection::TooManyTenders);
    }
    let mut ids = BTreeSet::new();
    if !tenders.iter().all(|tender| ids.insert(tender.tender_id)) {
        return Err(Rejection::DuplicateTender);
    }
    if tenders.iter().any(|tender| tender.amount.is_zero()) {
        return Err(Rejection::EmptyTender);
    }
    let total = Money::sum(currency, shares.iter().map(|share| share.amount))?;
    if Money::sum(currency, tenders.iter().map(|tender| tender.amount))? != total {
        return Err(Rejection::TendersDiffer);
    }
    let opened = Opened { checkout_id, buyer_id, shares, total, tenders, pay_until, source: None };
    Ok(vec![opened.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Command;
    use crate::checkout::testing::{NOTHING, a_checkout, opened, share, tender};
    use crate::money::{AMOUNT_MINOR_MAX, Currency};
    use crate::testing::given;

    fn refused(change: impl FnOnce(&mut Open), rejection: Rejection) {
        let mut open = a_checkout();
        change(&mut open);
        given::<Checkout>(NOTHING).when(Command::Open(open)).then_rejected(rejection);
    }

    #[test]
    fn opens_with_the_sum_of_its_shares() {
        given::<Checkout>(NOTHING).when(Command::Open(a_checkout())).then([opened()]);
    }

    #[test]
    fn opening_again_is_an_answer() {
        given::<Checkout>([opened()]).when(Command::Open(a_checkout())).then_nothing();
        let other = Open { shares: vec![], ..a_checkout() };
        given::<Checkout>([opened()])
            .when(Command::Open(other))
            .then_rejected(Rejection::AlreadyOpened);
    }

    #[test]
    fn what_costs_nothing_needs_no_tender_and_is_paid_at_once() {
        let free = Open { shares: vec![share(1, 0)], tenders: vec![], ..a_checkout() };
        let events = decide(&Checkout::Absent, free).unwrap();
        assert_eq!(Checkout::Absent.paid_orders_after(&events), [share(1, 0)]);
    }

    #[test]
    fn refuses_in_a_fixed_order() {
        refused(|open| open.shares.clear(), Rejection::NoOrders);
        refused(|open| open.shares = vec![share(1, 1); 51], Rejection::TooManyOrders);
        refused(|open| open.shares = vec![share(1, 1); 2], Rejection::DuplicateOrder);
        refused(|open| open.tenders = vec![tender(1, 0); 11], Rejection::TooManyTenders);
        refused(|open| open.tenders = vec![tender(1, 0); 2], Rejection::DuplicateTender);
        refused(|open| open.tenders = vec![tender(1, 0)], Rejection::EmptyTender);
        let reais = Money::from_minor(1, Currency::Brl).unwrap();
        refused(|open| open.tenders[0].amount = reais, Rejection::MixedCurrencies);
        refused(|open| open.shares[1].amount = reais, Rejection::MixedCurrencies);
        let most = share(2, AMOUNT_MINOR_MAX);
        refused(|open| open.shares[1] = most, Rejection::AmountTooLarge);
        refused(|open| open.tenders = vec![tender(1, 1)], Rejection::TendersDiffer);
    }
}

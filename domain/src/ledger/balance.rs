//! Balances, reached in two ways that must agree: by adding postings, and by adding what the events
//! themselves say, account by account.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use events_schema::checkout::{Captured, ExcessReason};
use events_schema::escrow::{Funded, Refunded, Released};
use events_schema::{Event, checkout, escrow};

use super::{Account, Error, Posting, postings};
use crate::money::{Currency, Money, SignedMoney};
use crate::trade::TenderMethod;

/// What stands on each account in each currency; an account at zero is left out.
pub type Balances = BTreeMap<(Account, Currency), SignedMoney>;

/// The sums of all postings.
///
/// # Errors
/// As [`book`].
pub fn balances<E: Borrow<Event>>(events: impl IntoIterator<Item = E>) -> Result<Balances, Error> {
    let mut sums = Balances::new();
    events.into_iter().try_for_each(|event| book(&mut sums, event.borrow()))?;
    Ok(sums)
}

/// Adds the postings of one more event.
///
/// # Errors
/// As [`postings`], or [`Error::Money`] beyond 2⁶³ minor units.
pub fn book(sums: &mut Balances, event: &Event) -> Result<(), Error> {
    for Posting { account, amount } in postings(event)? {
        add(sums, account, amount)?;
    }
    Ok(())
}

/// What each account must hold, from the events that feed it and without any posting.
///
/// # Errors
/// As [`expect`].
pub fn expected_balances<E: Borrow<Event>>(
    events: impl IntoIterator<Item = E>,
) -> Result<Balances, Error> {
    let mut sums = Balances::new();
    events.into_iter().try_for_each(|event| expect(&mut sums, event.borrow()))?;
    Ok(sums)
}

/// Adds what one more event feeds to its accounts, without any posting.
///
/// # Errors
/// [`Error::Money`] beyond 2⁶³ minor units.
pub fn expect(sums: &mut Balances, event: &Event) -> Result<(), Error> {
    if let Event::Checkout(checkout::Event::Captured(captured)) = event {
        expect_captured(sums, captured)?;
    }
    if let Event::Escrow(escrow::Event::Funded(funded)) = event {
        expect_funded(sums, funded)?;
    }
    if let Event::Escrow(escrow::Event::Released(released)) = event {
        expect_released(sums, released)?;
    }
    if let Event::Escrow(escrow::Event::Refunded(refunded)) = event {
        expect_refunded(sums, refunded)?;
    }
    Ok(())
}

/// What we are owed rises with every capture and with nothing else; only what was shared out waits
/// for an escrow.
fn expect_captured(sums: &mut Balances, captured: &Captured) -> Result<(), Error> {
    let account = match &captured.tender.method {
        TenderMethod::Voucher {} | TenderMethod::Points {} => Account::Promotion,
        TenderMethod::InPerson {} => Account::InPersonReceivable,
        gateway @ (TenderMethod::Card { .. }
        | TenderMethod::BankTransfer {}
        | TenderMethod::Other { .. }) => Account::GatewayReceivable(gateway.label()),
    };
    plus(sums, account, captured.tender.amount)?;
    let none = captured.shares.is_empty();
    let unsaid = if none { ExcessReason::NoOrder } else { ExcessReason::Overpaid };
    let why = captured.excess_reason.unwrap_or(unsaid);
    minus(sums, Account::Suspense(why), captured.excess)?;
    let tender = Account::BuyerTender(captured.tender.method.label());
    captured.shares.iter().try_for_each(|share| minus(sums, tender.clone(), share.amount))
}

fn expect_funded(sums: &mut Balances, funded: &Funded) -> Result<(), Error> {
    plus(sums, Account::BuyerTender(funded.method.label()), funded.amount)?;
    minus(sums, Account::Escrow, funded.amount)
}

fn expect_released(sums: &mut Balances, released: &Released) -> Result<(), Error> {
    for (account, part) in [
        (Account::SellerPayable, released.to_seller),
        (Account::ShippingPayable, released.shipping),
        (Account::PlatformFee, released.fee),
        (Account::VatPayable, released.fee_vat),
    ] {
        plus(sums, Account::Escrow, part)?;
        minus(sums, account, part)?;
    }
    Ok(())
}

fn expect_refunded(sums: &mut Balances, refunded: &Refunded) -> Result<(), Error> {
    plus(sums, Account::Escrow, refunded.amount)?;
    for tender in &refunded.tenders {
        minus(sums, Account::RefundPayable(tender.method.label()), tender.amount)?;
    }
    Ok(())
}

fn plus(sums: &mut Balances, account: Account, amount: Money) -> Result<(), Error> {
    add(sums, account, amount.into())
}

fn minus(sums: &mut Balances, account: Account, amount: Money) -> Result<(), Error> {
    add(sums, account, SignedMoney::from(amount).checked_neg()?)
}

fn add(sums: &mut Balances, account: Account, amount: SignedMoney) -> Result<(), Error> {
    let currency = amount.currency;
    let key = (account, currency);
    let sum = sums.get(&key).copied().unwrap_or(SignedMoney::zero(currency));
    let sum = sum.checked_add(amount)?;
    if sum.amount_minor == 0 {
        sums.remove(&key);
    } else {
        sums.insert(key, sum);
    }
    Ok(())
}

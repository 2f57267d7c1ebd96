//! Every money event as balanced postings on the chart of accounts.
//!
//! | event | debit | credit |
//! |---|---|---|
//! | `checkout.captured` | receivable of the tender (promotion, for vouchers and points) | buyer's tender; suspense, for the excess |
//! | `escrow.funded` | buyer's tender | escrow |
//! | `escrow.released` | escrow | seller payable, shipping payable, platform fee, VAT payable |
//! | `escrow.refunded` | escrow | refund payable |

mod account;
mod balance;

use events_schema::checkout::{Captured, ExcessReason};
use events_schema::escrow::{Funded, Refunded, Released};
use events_schema::{Event, checkout, escrow};

use crate::money::{self, Money, SignedMoney};
use crate::trade::TenderMethod;

pub use account::{Account, UnknownAccount};
pub use balance::{Balances, balances, book, expect, expected_balances};

/// One line: a debit is positive, a credit negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub account: Account,
    pub amount: SignedMoney,
}

/// An event whose amounts cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("parts of {0} do not add up to its amount")]
    Unbalanced(&'static str),
    #[error("amounts cannot be added")]
    Money(#[from] money::Error),
}

/// The postings of one event: together zero, and none for what moves no money.
///
/// # Errors
/// [`Error`] for an event that no rule of ours would write.
pub fn postings(event: &Event) -> Result<Vec<Posting>, Error> {
    match event {
        Event::Checkout(event) => match event {
            checkout::Event::Captured(captured) => of_capture(captured),
            checkout::Event::Opened(_)
            | checkout::Event::Authorised(_)
            | checkout::Event::Declined(_)
            | checkout::Event::PaymentUnknown(_)
            | checkout::Event::Reduced(_)
            | checkout::Event::Cancelled(_)
            | checkout::Event::AnomalyFound(_) => Ok(vec![]),
        },
        Event::Escrow(event) => match event {
            escrow::Event::Funded(funded) => of_funding(funded),
            escrow::Event::Released(released) => of_release(released),
            escrow::Event::Refunded(refunded) => of_refund(refunded),
            escrow::Event::Opened(_) | escrow::Event::AnomalyFound(_) => Ok(vec![]),
        },
        Event::Seller(_)
        | Event::Category(_)
        | Event::Listing(_)
        | Event::Inventory(_)
        | Event::Order(_)
        | Event::Shipment(_)
        | Event::Review(_)
        | Event::Like(_)
        | Event::Policy(_) => Ok(vec![]),
    }
}

fn of_capture(captured: &Captured) -> Result<Vec<Posting>, Error> {
    let Captured { tender, shares, excess, .. } = captured;
    let amounts = shares.iter().map(|share| share.amount);
    let taken = Money::sum(tender.amount.currency(), amounts)?;
    if taken.checked_add(*excess)? != tender.amount {
        return Err(Error::Unbalanced("checkout.captured"));
    }
    lines([
        debit(receivable(&tender.method), tender.amount),
        credit(Account::BuyerTender(tender.method.label()), taken)?,
        credit(Account::Suspense(reason(captured)), *excess)?,
    ])
}

fn of_funding(funded: &Funded) -> Result<Vec<Posting>, Error> {
    lines([
        debit(Account::BuyerTender(funded.method.label()), funded.amount),
        credit(Account::Escrow, funded.amount)?,
    ])
}

fn of_release(released: &Released) -> Result<Vec<Posting>, Error> {
    let Released { trade: _, to_seller, shipping, fee, fee_vat } = *released;
    let all = Money::sum(to_seller.currency(), [to_seller, shipping, fee, fee_vat])?;
    lines([
        debit(Account::Escrow, all),
        credit(Account::SellerPayable, to_seller)?,
        credit(Account::ShippingPayable, shipping)?,
        credit(Account::PlatformFee, fee)?,
        credit(Account::VatPayable, fee_vat)?,
    ])
}

fn of_refund(refunded: &Refunded) -> Result<Vec<Posting>, Error> {
    let amounts = refunded.tenders.iter().map(|tender| tender.amount);
    if Money::sum(refunded.amount.currency(), amounts)? != refunded.amount {
        return Err(Error::Unbalanced("escrow.refunded"));
    }
    let back = refunded
        .tenders
        .iter()
        .map(|tender| credit(Account::RefundPayable(tender.method.label()), tender.amount));
    let back = back.collect::<Result<Vec<_>, _>>()?;
    lines([debit(Account::Escrow, refunded.amount)].into_iter().chain(back))
}

/// Who owes us the money of a tender. Vouchers and points are funded by the marketplace.
fn receivable(method: &TenderMethod) -> Account {
    match method {
        TenderMethod::Card { .. } | TenderMethod::BankTransfer {} | TenderMethod::Other { .. } => {
            Account::GatewayReceivable(method.label())
        }
        TenderMethod::Voucher {} | TenderMethod::Points {} => Account::Promotion,
        TenderMethod::InPerson {} => Account::InPersonReceivable,
    }
}

/// Where no reason was written, a capture of which no order got anything has none.
fn reason(captured: &Captured) -> ExcessReason {
    let guess =
        if captured.shares.is_empty() { ExcessReason::NoOrder } else { ExcessReason::Overpaid };
    captured.excess_reason.unwrap_or(guess)
}

fn debit(account: Account, amount: Money) -> Posting {
    Posting { account, amount: amount.into() }
}

fn credit(account: Account, amount: Money) -> Result<Posting, Error> {
    Ok(Posting { account, amount: SignedMoney::from(amount).checked_neg()? })
}

fn lines(postings: impl IntoIterator<Item = Posting>) -> Result<Vec<Posting>, Error> {
    Ok(postings.into_iter().filter(|posting| posting.amount.amount_minor != 0).collect())
}

#[cfg(test)]
mod tests;

//! Why a command on a checkout is refused.

use super::{ORDERS_MAX, TENDERS_MAX};
use crate::decider::{Refusal, RefusalKind};
use crate::money;

/// A rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("checkout does not exist")]
    NotFound,
    #[error("checkout has no such tender")]
    TenderNotFound,
    #[error("checkout exists already, with other contents")]
    AlreadyOpened,
    #[error("checkout has ended")]
    Ended,
    #[error("checkout is paid")]
    AlreadyPaid,
    #[error("tender was already captured")]
    AlreadyCaptured,
    #[error("the time to pay is over")]
    TooLate,
    #[error("checkout has no order")]
    NoOrders,
    #[error("checkout has more than {ORDERS_MAX} orders")]
    TooManyOrders,
    #[error("an order or a seller stands in the checkout twice")]
    DuplicateOrder,
    #[error("payment has more than {TENDERS_MAX} tenders")]
    TooManyTenders,
    #[error("a tender stands in the payment twice")]
    DuplicateTender,
    #[error("a tender is of no amount")]
    EmptyTender,
    #[error("amounts are in different currencies")]
    MixedCurrencies,
    #[error("amount is too large")]
    AmountTooLarge,
    #[error("tenders do not add up to the total")]
    TendersDiffer,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "checkout_not_found",
            Self::TenderNotFound => "tender_not_found",
            Self::AlreadyOpened => "checkout_already_opened",
            Self::Ended => "checkout_ended",
            Self::AlreadyPaid => "checkout_already_paid",
            Self::AlreadyCaptured => "tender_already_captured",
            Self::TooLate => "payment_too_late",
            Self::NoOrders => "checkout_without_orders",
            Self::TooManyOrders => "checkout_orders_too_many",
            Self::DuplicateOrder => "checkout_order_duplicate",
            Self::TooManyTenders => "tenders_too_many",
            Self::DuplicateTender => "tender_duplicate",
            Self::EmptyTender => "tender_empty",
            Self::MixedCurrencies => "currency_mismatch",
            Self::AmountTooLarge => "amount_too_large",
            Self::TendersDiffer => "tenders_differ",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound | Self::TenderNotFound => RefusalKind::Absent,
            Self::AlreadyOpened | Self::Ended | Self::AlreadyPaid | Self::AlreadyCaptured => {
                RefusalKind::Conflict
            }
            Self::TooLate
            | Self::NoOrders
            | Self::TooManyOrders
            | Self::DuplicateOrder
            | Self::TooManyTenders
            | Self::DuplicateTender
            | Self::EmptyTender
            | Self::MixedCurrencies
            | Self::AmountTooLarge
            | Self::TendersDiffer => RefusalKind::Rule,
        }
    }
}

impl From<money::Error> for Rejection {
    fn from(error: money::Error) -> Self {
        match error {
            money::Error::CurrencyMismatch => Self::MixedCurrencies,
            money::Error::Overflow | money::Error::Malformed | money::Error::Negative => {
                Self::AmountTooLarge
            }
        }
    }
}

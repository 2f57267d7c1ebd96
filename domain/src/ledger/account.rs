//! The chart of accounts.

use std::fmt;
use std::str::FromStr;

use events_schema::checkout::ExcessReason;

/// An account by its stable name: `escrow`, `buyer_tender:card`, `suspense:no_order`.
///
/// What stands for a tender is named as [`crate::trade::TenderMethod::label`] names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Captured, and still with the gateway.
    GatewayReceivable(String),
    /// Handed over between the two; the marketplace never holds it.
    InPersonReceivable,
    /// Vouchers and points: the marketplace pays.
    Promotion,
    /// Captured for orders, on its way into their escrows.
    BuyerTender(String),
    Escrow,
    SellerPayable,
    ShippingPayable,
    PlatformFee,
    VatPayable,
    /// To go back to the buyer.
    RefundPayable(String),
    /// Money that no order explains.
    Suspense(ExcessReason),
}

/// No account has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no account is called {0}")]
pub struct UnknownAccount(pub String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GatewayReceivable(method) => write!(f, "gateway_receivable:{method}"),
            Self::InPersonReceivable => f.write_str("in_person_receivable"),
            Self::Promotion => f.write_str("promotion"),
            Self::BuyerTender(method) => write!(f, "buyer_tender:{method}"),
            Self::Escrow => f.write_str("escrow"),
            Self::SellerPayable => f.write_str("seller_payable"),
            Self::ShippingPayable => f.write_str("shipping_payable"),
            Self::PlatformFee => f.write_str("platform_fee"),
            Self::VatPayable => f.write_str("vat_payable"),
            Self::RefundPayable(method) => write!(f, "refund_payable:{method}"),
            Self::Suspense(ExcessReason::NoOrder) => f.write_str("suspense:no_order"),
            Self::Suspense(ExcessReason::Overpaid) => f.write_str("suspense:overpaid"),
            Self::Suspense(ExcessReason::AfterEnd) => f.write_str("suspense:late"),
        }
    }
}

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, UnknownAccount> {
        let (name, method) = match text.split_once(':') {
            Some((name, method)) => (name, Some(method)),
            None => (text, None),
        };
        Ok(match (name, method) {
            ("gateway_receivable", Some(method)) => Self::GatewayReceivable(method.to_owned()),
            ("in_person_receivable", None) => Self::InPersonReceivable,
            ("promotion", None) => Self::Promotion,
            ("buyer_tender", Some(method)) => Self::BuyerTender(method.to_owned()),
            ("escrow", None) => Self::Escrow,
            ("seller_payable", None) => Self::SellerPayable,
            ("shipping_payable", None) => Self::ShippingPayable,
            ("platform_fee", None) => Self::PlatformFee,
            ("vat_payable", None) => Self::VatPayable,
            ("refund_payable", Some(method)) => Self::RefundPayable(method.to_owned()),
            ("suspense", Some("no_order")) => Self::Suspense(ExcessReason::NoOrder),
            ("suspense", Some("overpaid")) => Self::Suspense(ExcessReason::Overpaid),
            ("suspense", Some("late")) => Self::Suspense(ExcessReason::AfterEnd),
            _ => return Err(UnknownAccount(text.to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_its_own_name() {
        for account in [
            Account::GatewayReceivable("other:boleto".to_owned()),
            Account::InPersonReceivable,
            Account::Promotion,
            Account::BuyerTender("card".to_owned()),
            Account::Escrow,
            Account::SellerPayable,
            Account::ShippingPayable,
            Account::PlatformFee,
            Account::VatPayable,
            Account::RefundPayable("bank_transfer".to_owned()),
            Account::Suspense(ExcessReason::NoOrder),
            Account::Suspense(ExcessReason::Overpaid),
            Account::Suspense(ExcessReason::AfterEnd),
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        for text in ["", "cash", "escrow:card", "buyer_tender", "suspense:other"] {
            assert_eq!(text.parse::<Account>(), Err(UnknownAccount(text.to_owned())));
        }
    }
}

//! Amounts with a sign.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Currency, Error, Money, decimal};

/// A signed amount: the balance of an account, or a difference between two prices.
#[derive(Clone, Copy, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMoney {
    pub amount_minor: i64,
    pub currency: Currency,
}

impl SignedMoney {
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount_minor: 0, currency }
    }

    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        if self.currency != other.currency {
            return Err(Error::CurrencyMismatch);
        }
        let amount_minor =
            self.amount_minor.checked_add(other.amount_minor).ok_or(Error::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// # Errors
    /// [`Error::Overflow`].
    pub fn checked_neg(self) -> Result<Self, Error> {
        let amount_minor = self.amount_minor.checked_neg().ok_or(Error::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }
}

impl From<Money> for SignedMoney {
    fn from(money: Money) -> Self {
        // Holds for every amount: the maximum is below 2⁶³.
        let amount_minor = i64::try_from(money.amount_minor).unwrap_or(i64::MAX);
        Self { amount_minor, currency: money.currency }
    }
}

impl fmt::Display for SignedMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.amount_minor < 0 {
            f.write_str("-")?;
        }
        decimal(f, self.amount_minor.unsigned_abs(), self.currency)
    }
}

impl fmt::Debug for SignedMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

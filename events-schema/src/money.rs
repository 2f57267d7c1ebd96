//! Money: an integer number of minor units, together with its currency. Never a float.

mod signed;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use signed::SignedMoney;

/// The currencies that the marketplace knows, by their ISO 4217 codes.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Krw,
    Brl,
    Usd,
    Eur,
    Cny,
    Jpy,
}

impl Currency {
    pub const ALL: [Self; 6] = [Self::Krw, Self::Brl, Self::Usd, Self::Eur, Self::Cny, Self::Jpy];

    /// Decimal places of the minor unit (ISO 4217): a won has none, a real has two.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Krw | Self::Jpy => 0,
            Self::Brl | Self::Usd | Self::Eur | Self::Cny => 2,
        }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Krw => "KRW",
            Self::Brl => "BRL",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Cny => "CNY",
            Self::Jpy => "JPY",
        }
    }
}

/// The largest amount: every reader of JSON can hold 2⁵³ − 1 exactly.
pub const AMOUNT_MINOR_MAX: u64 = 9_007_199_254_740_991;

/// An amount in one currency, 0 … [`AMOUNT_MINOR_MAX`] minor units. Never negative: a refund or a
/// fee gives a direction, not a sign.
#[derive(Clone, Copy, Eq, Hash, JsonSchema, PartialEq, Serialize)]
pub struct Money {
    #[schemars(range(max = 9_007_199_254_740_991_u64))]
    amount_minor: u64,
    currency: Currency,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("amounts are in different currencies")]
    CurrencyMismatch,
    #[error("amount is larger than {AMOUNT_MINOR_MAX} minor units")]
    Overflow,
    #[error("amount would fall below zero")]
    Negative,
    #[error("not a decimal amount with at most this currency's decimals")]
    Malformed,
}

impl Money {
    /// # Errors
    /// [`Error::Overflow`] above [`AMOUNT_MINOR_MAX`].
    pub const fn from_minor(amount_minor: u64, currency: Currency) -> Result<Self, Error> {
        if amount_minor > AMOUNT_MINOR_MAX {
            return Err(Error::Overflow);
        }
        Ok(Self { amount_minor, currency })
    }

    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount_minor: 0, currency }
    }

    /// Reads `12.34` (at most the currency's decimals) without ever passing through a float.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Overflow`].
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, Error> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let decimals = usize::try_from(currency.decimals()).map_err(|_| Error::Malformed)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        // A trailing zero beyond the decimals (`0.0` in won) says nothing; anything else is refused.
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > decimals {
            return Err(Error::Malformed);
        }
        let minor =
            format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| Error::Overflow)?;
        Self::from_minor(minor, currency)
    }

    #[must_use]
    pub const fn amount_minor(self) -> u64 {
        self.amount_minor
    }

    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.amount_minor == 0
    }

    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        let sum = self.amount_minor.checked_add(other.amount_minor).ok_or(Error::Overflow)?;
        Self::from_minor(sum, self.currency)
    }

    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Negative`].
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        let rest = self.amount_minor.checked_sub(other.amount_minor).ok_or(Error::Negative)?;
        Self::from_minor(rest, self.currency)
    }

    /// # Errors
    /// [`Error::Overflow`].
    pub fn checked_mul(self, factor: u32) -> Result<Self, Error> {
        let product = self.amount_minor.checked_mul(u64::from(factor)).ok_or(Error::Overflow)?;
        Self::from_minor(product, self.currency)
    }

    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    fn same_currency(self, other: Self) -> Result<(), Error> {
        if self.currency == other.currency { Ok(()) } else { Err(Error::CurrencyMismatch) }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename = "Money")]
        struct Plain {
            amount_minor: u64,
            currency: Currency,
        }
        let Plain { amount_minor, currency } = Plain::deserialize(deserializer)?;
        Self::from_minor(amount_minor, currency).map_err(serde::de::Error::custom)
    }
}

/// `129.00 BRL`, `12900 KRW`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.amount_minor, self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn decimal(f: &mut fmt::Formatter<'_>, amount_minor: u64, currency: Currency) -> fmt::Result {
    let code = currency.code();
    match currency.decimals() {
        0 => write!(f, "{amount_minor} {code}"),
        decimals => {
            let unit = 10_u64.pow(decimals);
            let width = usize::try_from(decimals).map_err(|_| fmt::Error)?;
            let (whole, fraction) = (amount_minor / unit, amount_minor % unit);
            write!(f, "{whole}.{fraction:0width$} {code}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_exactly() {
        let reais = |text| Money::from_decimal(text, Currency::Brl).map(Money::amount_minor);
        assert_eq!(reais("99.9"), Ok(9_990));
        assert_eq!(reais("0.0"), Ok(0));
        assert_eq!(reais("1428602.81"), Ok(142_860_281));
        for text in ["", ".5", "1.234", "-1", "1e3", "1,5", "NaN"] {
            assert_eq!(reais(text), Err(Error::Malformed), "{text}");
        }
        assert_eq!(reais("99999999999999999999"), Err(Error::Overflow));
        assert_eq!(Money::from_decimal("1.5", Currency::Krw), Err(Error::Malformed));
    }

    #[test]
    fn never_mixes_currencies_and_never_wraps() {
        let won = Money::from_minor(1, Currency::Krw).unwrap();
        let real = Money::from_minor(1, Currency::Brl).unwrap();
        let most = Money::from_minor(AMOUNT_MINOR_MAX, Currency::Krw).unwrap();
        assert_eq!(won.checked_add(real), Err(Error::CurrencyMismatch));
        assert_eq!(most.checked_add(won), Err(Error::Overflow));
        assert_eq!(most.checked_mul(u32::MAX), Err(Error::Overflow));
        assert_eq!(Money::zero(Currency::Krw).checked_sub(won), Err(Error::Negative));
    }

    #[test]
    fn json_holds_integers_only() {
        let won = Money::from_minor(12_900, Currency::Krw).unwrap();
        let json = r#"{"amount_minor":12900,"currency":"KRW"}"#;
        assert_eq!(serde_json::to_string(&won).unwrap(), json);
        assert_eq!(serde_json::from_str::<Money>(json).unwrap(), won);
        for bad in [
            r#"{"amount_minor":12900.0,"currency":"KRW"}"#,
            r#"{"amount_minor":-1,"currency":"KRW"}"#,
            r#"{"amount_minor":9007199254740992,"currency":"KRW"}"#,
            r#"{"amount_minor":1,"currency":"XXX"}"#,
            r#"{"amount_minor":1,"currency":"KRW","more":1}"#,
        ] {
            assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn is_shown_with_its_decimals() {
        let shown = |minor, currency| Money::from_minor(minor, currency).unwrap().to_string();
        assert_eq!(shown(12_905, Currency::Brl), "129.05 BRL");
        assert_eq!(shown(12_905, Currency::Krw), "12905 KRW");
        let owed = SignedMoney { amount_minor: -5, currency: Currency::Eur };
        assert_eq!(owed.to_string(), "-0.05 EUR");
    }
}

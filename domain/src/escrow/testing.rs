//! One escrow as tests need it: 33,000 won due, 3,000 of it shipping, 1,500 fee, 150 VAT.

use events_schema::escrow::{Event, Funded, Opened, RefundReason, Refunded, Released};

use super::Terms;
use crate::checkout::testing::tender_id;
use crate::money::{Currency, Money};
use crate::order::testing::{TRADE, won};
use crate::trade::{Tender, TenderMethod};

/// The history of what does not exist.
pub const NOTHING: [Event; 0] = [];

pub const CARD: TenderMethod = TenderMethod::Card { instalments: 1 };

#[must_use]
pub fn terms() -> Terms {
    Terms { due: won(33_000), shipping: won(3_000), fee: won(1_500), fee_vat: won(150) }
}

#[must_use]
pub fn opened() -> Event {
    opened_with_fee(1_500)
}

#[must_use]
pub fn opened_with_fee(fee: u64) -> Event {
    let Terms { due, shipping, fee_vat, .. } = terms();
    Opened { trade: TRADE, due, shipping, fee: won(fee), fee_vat }.into()
}

#[must_use]
pub fn funded(n: u128, amount_minor: u64) -> Event {
    let (tender_id, amount) = (tender_id(n), won(amount_minor));
    Funded { trade: TRADE, tender_id, method: CARD, amount }.into()
}

/// With nothing refunded before.
#[must_use]
pub fn released() -> Event {
    released_to_seller(28_350)
}

#[must_use]
pub fn released_to_seller(amount_minor: u64) -> Event {
    let Terms { shipping, fee, fee_vat, .. } = terms();
    Released { trade: TRADE, to_seller: won(amount_minor), shipping, fee, fee_vat }.into()
}

/// For a cancelled order: how much to which tender.
#[must_use]
pub fn refunded(parts: &[(u128, u64)]) -> Event {
    let tender = |(n, amount): &(u128, u64)| Tender {
        tender_id: tender_id(*n),
        method: CARD,
        amount: won(*amount),
    };
    let tenders: Vec<_> = parts.iter().map(tender).collect();
    let amounts = tenders.iter().map(|tender| tender.amount);
    let amount = Money::sum(Currency::Krw, amounts).unwrap_or(won(0));
    Refunded { trade: TRADE, amount, tenders, reason: RefundReason::OrderCancelled }.into()
}

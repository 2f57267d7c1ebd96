//! One checkout as tests need it: orders of 70 and 30 won, tenders of 60 and 40.

use events_schema::checkout::{
    Authorised, Cancelled, Captured, DeclineReason, Declined, EndReason, Event, ExcessReason,
    Opened, PaymentUnknown, Reduced, Share,
};

use super::Open;
use crate::ids::{OrderId, SellerId, TenderId};
use crate::order::testing::{TRADE, won};
use crate::testing::{NOON, id};
use crate::time::Timestamp;
use crate::trade::{Tender, TenderMethod};

/// The history of what does not exist.
pub const NOTHING: [Event; 0] = [];

/// One second after the time to pay.
pub const LATE: Timestamp = NOON.plus_seconds(1_801);

#[must_use]
pub fn order_id(n: u128) -> OrderId {
    id(n, OrderId::new)
}

#[must_use]
pub fn tender_id(n: u128) -> TenderId {
    id(n, TenderId::new)
}

/// The n-th order, of the n-th seller.
#[must_use]
pub fn share(n: u128, amount_minor: u64) -> Share {
    Share { order_id: order_id(n), seller_id: id(n, SellerId::new), amount: won(amount_minor) }
}

#[must_use]
pub fn tender(n: u128, amount_minor: u64) -> Tender {
    let method = TenderMethod::Card { instalments: 1 };
    Tender { tender_id: tender_id(n), method, amount: won(amount_minor) }
}

#[must_use]
pub fn a_checkout() -> Open {
    Open {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        shares: vec![share(1, 70), share(2, 30)],
        tenders: vec![tender(1, 60), tender(2, 40)],
        pay_until: NOON.plus_seconds(1_800),
    }
}

#[must_use]
pub fn opened() -> Event {
    let Open { checkout_id, buyer_id, shares, tenders, pay_until } = a_checkout();
    Opened { checkout_id, buyer_id, shares, total: won(100), tenders, pay_until, source: None }
        .into()
}

/// The first or the second tender.
#[must_use]
pub fn the_tender(n: u128) -> Tender {
    tender(n, if n == 1 { 60 } else { 40 })
}

#[must_use]
pub fn authorised(n: u128) -> Event {
    Authorised {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        tender: the_tender(n),
        reference: None,
    }
    .into()
}

/// As it is shared out when both orders live.
#[must_use]
pub fn captured(n: u128) -> Event {
    let shares =
        if n == 1 { vec![share(1, 42), share(2, 18)] } else { vec![share(1, 28), share(2, 12)] };
    captured_with(n, shares, 0, None)
}

#[must_use]
pub fn captured_with(
    n: u128,
    shares: Vec<Share>,
    excess: u64,
    excess_reason: Option<ExcessReason>,
) -> Event {
    Captured {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        tender: the_tender(n),
        shares,
        excess: won(excess),
        excess_reason,
        reference: None,
    }
    .into()
}

#[must_use]
pub fn declined(n: u128) -> Event {
    Declined {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        tender_id: tender_id(n),
        reason: DeclineReason::InsufficientFunds,
        reference: None,
    }
    .into()
}

#[must_use]
pub fn unknown(n: u128) -> Event {
    PaymentUnknown {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        tender_id: tender_id(n),
        reference: None,
    }
    .into()
}

/// The first or the second order was cancelled when it had got so much.
#[must_use]
pub fn reduced(n: u128, allocated: u64) -> Event {
    let (cost, total) = if n == 1 { (70, 30) } else { (30, 70) };
    Reduced {
        checkout_id: TRADE.checkout_id,
        buyer_id: TRADE.buyer_id,
        share: share(n, cost),
        allocated: won(allocated),
        total: won(total),
    }
    .into()
}

#[must_use]
pub fn cancelled() -> Event {
    cancelled_because(EndReason::OrdersCancelled)
}

#[must_use]
pub fn cancelled_because(reason: EndReason) -> Event {
    Cancelled { checkout_id: TRADE.checkout_id, buyer_id: TRADE.buyer_id, reason }.into()
}

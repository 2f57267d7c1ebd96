//! The money of an order while the marketplace answers for it.

use events_schema::escrow::{self, RefundReason};
use events_schema::money::{Currency, Error, Money};
use events_schema::time::Timestamp;
use events_schema::trade::Tender;
use serde::{Deserialize, Serialize};

use super::Document;
use crate::view::Poison;

/// `held` = `funded` − `released` − `refunded`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Escrow {
    pub due: Money,
    pub funded: Money,
    /// To the seller, for shipping, fee and VAT together.
    pub released: Money,
    pub refunded: Money,
    pub held: Money,
    /// What of `released` the seller got: items less fee and VAT, and shipping.
    pub to_seller: Money,
    pub fee: Money,
    pub fee_vat: Money,
    pub refunds: Vec<Refund>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Refund {
    pub amount: Money,
    pub tenders: Vec<Tender>,
    pub reason: RefundReason,
    pub refunded_at: Timestamp,
}

impl Escrow {
    pub(super) const fn empty(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            due: zero,
            funded: zero,
            released: zero,
            refunded: zero,
            held: zero,
            to_seller: zero,
            fee: zero,
            fee_vat: zero,
            refunds: vec![],
        }
    }

    fn release(&mut self, event: &escrow::Released) -> Result<(), Error> {
        let to_seller = event.to_seller.checked_add(event.shipping)?;
        let kept = event.fee.checked_add(event.fee_vat)?;
        let released = to_seller.checked_add(kept)?;
        self.released = self.released.checked_add(released)?;
        self.held = self.held.checked_sub(released)?;
        self.to_seller = self.to_seller.checked_add(to_seller)?;
        self.fee = self.fee.checked_add(event.fee)?;
        self.fee_vat = self.fee_vat.checked_add(event.fee_vat)?;
        Ok(())
    }

    fn refund(&mut self, event: &escrow::Refunded, refunded_at: Timestamp) -> Result<(), Error> {
        self.refunded = self.refunded.checked_add(event.amount)?;
        self.held = self.held.checked_sub(event.amount)?;
        let (amount, reason) = (event.amount, event.reason);
        self.refunds.push(Refund { amount, tenders: event.tenders.clone(), reason, refunded_at });
        Ok(())
    }
}

impl Document {
    pub(super) fn fund(&mut self, event: &escrow::Event, at: Timestamp) -> Result<(), Poison> {
        let escrow = &mut self.escrow;
        let done = match event {
            escrow::Event::Opened(event) => {
                escrow.due = event.due;
                Ok(())
            }
            escrow::Event::Funded(event) => escrow
                .funded
                .checked_add(event.amount)
                .map(|funded| escrow.funded = funded)
                .and_then(|()| escrow.held.checked_add(event.amount))
                .map(|held| escrow.held = held),
            escrow::Event::Released(event) => escrow.release(event),
            escrow::Event::Refunded(event) => escrow.refund(event, at),
            escrow::Event::AnomalyFound(event) => {
                self.anomalies.add(&event.anomaly, at);
                Ok(())
            }
        };
        done.map_err(|_| Poison("amounts of the escrow do not add up"))
    }
}

//! Escrows, counted anew from the events alone: what leaves one never exceeds what came in.

use std::collections::HashMap;

use events_schema::envelope::Position;
use events_schema::escrow::Event;
use events_schema::ids::OrderId;
use events_schema::money::{Money, SignedMoney};

use super::{Finding, Findings};

/// What each order's escrow holds, in minor units.
#[derive(Debug, Default)]
pub(super) struct Escrows(HashMap<OrderId, i64>);

impl Escrows {
    pub(super) fn check(&mut self, at: Position, event: &Event, findings: &mut Findings) {
        let (incoming, outgoing): (&[Money], &[Money]) = match event {
            Event::Funded(funded) => (&[funded.amount], &[]),
            Event::Refunded(refunded) => (&[], &[refunded.amount]),
            Event::Released(parts) => {
                (&[], &[parts.to_seller, parts.shipping, parts.fee, parts.fee_vat])
            }
            Event::Opened(_) | Event::AnomalyFound(_) => (&[], &[]),
        };
        let sum = |amounts: &[Money]| -> i64 {
            amounts.iter().map(|amount| SignedMoney::from(*amount).amount_minor).sum()
        };
        let order_id = event.trade().order_id;
        let held = self.0.entry(order_id).or_default();
        *held = held.saturating_add(sum(incoming)).saturating_sub(sum(outgoing));
        if *held < 0 {
            let what = format!("{} more left the escrow of {order_id} than came in", -*held);
            findings.push(Finding::at(at, what));
        }
    }
}

//! How an escrow's facts add up. No rule stands here.

use events_schema::escrow::{Funded, Refunded, Released};

use super::{Escrow, Event, Funding, Held, Terms};
use crate::money::{self, Money};
use crate::trade::Trade;

pub(super) fn evolve(escrow: Escrow, event: &Event) -> Escrow {
    let (mut held, was_released) = match escrow {
        Escrow::Held(held) => (held, false),
        Escrow::Released(held) => (held, true),
        Escrow::Absent => match event {
            Event::Opened(opened) => (empty(opened.trade, opened.due), false),
            Event::Funded(funded) => (empty(funded.trade, funded.amount), false),
            Event::Released(released) => (empty(released.trade, released.to_seller), false),
            Event::Refunded(refunded) => (empty(refunded.trade, refunded.amount), false),
            // A mere remark opens nothing.
            Event::AnomalyFound(_) => return Escrow::Absent,
        },
    };
    let mut released = was_released;
    match event {
        Event::Opened(opened) => {
            let (due, shipping) = (opened.due, opened.shipping);
            held.terms = Some(Terms { due, shipping, fee: opened.fee, fee_vat: opened.fee_vat });
        }
        Event::Funded(funded) => held.fund(funded),
        Event::Released(parts) => {
            held.release(parts);
            released = true;
        }
        Event::Refunded(refunded) => held.refund(refunded),
        Event::AnomalyFound(found) => held.anomalies.push(found.anomaly.clone()),
    }
    if released { Escrow::Released(held) } else { Escrow::Held(held) }
}

fn empty(trade: Trade, amount: Money) -> Box<Held> {
    let released = Money::zero(amount.currency());
    Box::new(Held { trade, terms: None, fundings: vec![], released, anomalies: vec![] })
}

impl Held {
    fn fund(&mut self, funded: &Funded) {
        self.fundings.push(Funding {
            tender_id: funded.tender_id,
            method: funded.method.clone(),
            amount: funded.amount,
            refunded: Money::zero(funded.amount.currency()),
        });
    }

    fn release(&mut self, parts: &Released) {
        let all = [self.released, parts.to_seller, parts.shipping, parts.fee, parts.fee_vat];
        let sum: Result<Money, money::Error> = Money::sum(self.released.currency(), all);
        self.released = sum.unwrap_or(self.released);
    }

    fn refund(&mut self, refunded: &Refunded) {
        for back in &refunded.tenders {
            let funding = self.fundings.iter_mut().find(|it| it.tender_id == back.tender_id);
            if let Some(funding) = funding {
                let sum = funding.refunded.checked_add(back.amount);
                funding.refunded = sum.unwrap_or(funding.refunded);
            }
        }
    }
}

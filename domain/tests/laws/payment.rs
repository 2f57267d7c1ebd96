//! How payments go on: by command, and as a gateway reports them.

use std::cell::Cell;

use domain::checkout::{self, Checkout, EndReason, Fact};
use domain::decider::Observer;
use domain::escrow;
use domain::ids::{CheckoutId, PersonId, TenderId};
use domain::inventory;
use domain::money::Money;
use domain::order::{self, By, CancelReason, Instants};
use events_schema::checkout::{DeclineReason, Event};

use crate::action::Report;
use crate::market::{Market, Unit, observe_twice};
use crate::trade::{OPENED_AT, PAY_UNTIL, id, tender, won};

impl Market {
    pub(crate) fn pay(&self, checkout: u128, n: u128, report: Report) -> Option<Unit> {
        let checkout_id = id(checkout, CheckoutId::new);
        let state = self.checkouts.state(checkout_id);
        let tender_id = id(checkout * 10 + n, TenderId::new);
        let announced = match &state {
            Checkout::Known(known) => known.tenders.get(&tender_id),
            Checkout::Absent => None,
        };
        let announced = announced.and_then(|it| it.tender.as_ref()).map(|it| it.amount);
        let (reference, now) = (None, OPENED_AT);
        let reason = DeclineReason::RefusedByIssuer;
        let told = Cell::new(None);
        let seen = |fact: Fact| {
            told.set(Some((checkout_id, fact.clone())));
            let buyer_id = id(7, PersonId::new);
            observe_twice(&state, || checkout::Observation {
                checkout_id,
                buyer_id,
                fact: fact.clone(),
            })
        };
        let decide = |command| self.checkouts.decide(checkout_id, command);
        let money = |more| {
            let amount = announced.map_or(500, Money::amount_minor) + more;
            tender(checkout, n, won(amount))
        };
        let events = match report {
            Report::Authorised => {
                let authorise = checkout::Authorise { tender_id, reference, now };
                decide(checkout::Command::Authorise(authorise))?
            }
            Report::Captured => {
                let capture = checkout::Capture { tender_id, reference, now };
                decide(checkout::Command::Capture(capture))?
            }
            Report::Declined => {
                let decline = checkout::Decline { tender_id, reason, reference };
                decide(checkout::Command::Decline(decline))?
            }
            Report::Lost => {
                let lose = checkout::LosePayment { tender_id, reference };
                decide(checkout::Command::LosePayment(lose))?
            }
            Report::SeenAuthorised => seen(Fact::Authorised { tender: money(0), reference }),
            Report::SeenCaptured { more, late } => {
                let at = if late { PAY_UNTIL.plus_seconds(1) } else { PAY_UNTIL };
                let tender = money(more);
                seen(Fact::Captured { tender, reference, at })
            }
            Report::SeenDeclined => seen(Fact::Declined { tender_id, reason, reference }),
            Report::SeenLost => seen(Fact::Unknown { tender_id, reference }),
            Report::Settled => seen(Fact::Settled { approved: true }),
        };
        let unit = self.settle(&state, checkout_id, events);
        Some(Unit { reports: told.into_inner().into_iter().collect(), ..unit })
    }

    /// What a capture or an end brings with it. Nothing of it can be refused.
    fn settle(&self, state: &Checkout, id: CheckoutId, events: Vec<Event>) -> Unit {
        let mut unit = Unit::default();
        for event in &events {
            let Event::Captured(captured) = event else { continue };
            for share in &captured.shares {
                let (tender_id, method) =
                    (captured.tender.tender_id, captured.tender.method.clone());
                let fund = escrow::Fund { tender_id, method, amount: share.amount };
                let command = escrow::Command::Fund(fund);
                let funded = self.escrows.decide(share.order_id, command).unwrap();
                unit.escrows.push((share.order_id, funded));
            }
        }
        for share in state.paid_orders_after(&events) {
            let state = self.orders.state(share.order_id);
            let (trade, fact) =
                (*state.trade().unwrap(), order::Fact::Paid { amount: share.amount });
            let instants = Instants::default();
            let paid = state.observe(order::Observation { trade, instants, fact });
            unit.orders.push((share.order_id, paid));
            for listing_id in self.orders.state(share.order_id).listings() {
                let commit = inventory::Commit { listing_id, order_id: share.order_id };
                let command = inventory::Command::Commit(commit);
                let events = self.inventories.decide(listing_id, command).unwrap();
                unit.inventories.push((listing_id, events));
            }
        }
        if Checkout::end_in(&events) == Some(EndReason::PaymentDeclined)
            && let Checkout::Known(known) = state
        {
            for share in &known.shares {
                let reason = CancelReason::PaymentDeclined;
                self.cancel_into(&mut unit, share.order_id, reason, By::Staff);
            }
        }
        unit.checkouts.push((id, events));
        unit
    }
}

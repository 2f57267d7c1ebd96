//! The payments of a foreign order: captured, shared out, put in escrow, the stock sold.

use std::collections::BTreeSet;

use command_api::execute::UnitOfWork;
use command_api::problem::CommandError;
use domain::checkout::{self, Checkout};
use domain::decider::Observer;
use domain::escrow::{self, Escrow};
use domain::inventory::{self, Inventory};
use domain::order::{self, Order};
use events_schema::checkout::Captured;
use events_schema::money::{Currency, Money};
use events_schema::trade::{Tender, TenderMethod, Trade};

use super::super::ids;
use super::super::source::{Item, Payment};
use super::{Applied, by_seller, code, trade_of};

impl Applied {
    pub(super) async fn paid(&self, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
        for payment in &self.order.payments {
            self.captured(work, payment).await?;
        }
        let approved = self.order.approved_at.is_some();
        self.checkout_observed(work, checkout::Fact::Settled { approved }).await?;
        for (seller_id, items) in by_seller(&self.order) {
            let trade = trade_of(&self.order, seller_id);
            self.order_paid(work, trade).await?;
            self.stock_sold(work, trade, seller_id, &items).await?;
        }
        Ok(())
    }

    /// One row of the payments: with whatever it was paid, it counts.
    async fn captured(
        &self,
        work: &mut UnitOfWork<'_>,
        payment: &Payment,
    ) -> Result<(), CommandError> {
        let tender = Tender {
            tender_id: ids::tender(&self.order.id, payment.sequential),
            method: method(payment),
            amount: payment.amount,
        };
        let fact = checkout::Fact::Captured {
            tender,
            reference: None,
            at: self.order.approved_at.unwrap_or(self.order.purchased_at),
        };
        for event in self.checkout_observed(work, fact).await? {
            if let checkout::Event::Captured(captured) = event {
                self.funded(work, &captured).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn checkout_observed(
        &self,
        work: &mut UnitOfWork<'_>,
        fact: checkout::Fact,
    ) -> Result<Vec<checkout::Event>, CommandError> {
        let checkout = work.read::<Checkout>(ids::checkout(&self.order.id)).await?;
        let events = checkout.observe(self.checkout_observation(fact));
        work.write(&checkout, events.clone());
        Ok(events)
    }

    async fn funded(
        &self,
        work: &mut UnitOfWork<'_>,
        captured: &Captured,
    ) -> Result<(), CommandError> {
        let trades = super::trades(&self.order);
        for share in &captured.shares {
            let trade = trades.iter().find(|(_, trade)| trade.order_id == share.order_id);
            let Some((_, trade)) = trade else { continue };
            let fund = escrow::Fund {
                tender_id: captured.tender.tender_id,
                method: captured.tender.method.clone(),
                amount: share.amount,
            };
            let escrow = work.read::<Escrow>(share.order_id).await?;
            let fact = escrow::Fact::Funded(fund);
            work.observe(&escrow, escrow::Observation { trade: *trade, fact });
        }
        Ok(())
    }

    /// Paid as the source sees it, a cent more or less: the escrow knows how much it holds.
    async fn order_paid(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
    ) -> Result<(), CommandError> {
        let escrow = work.read::<Escrow>(trade.order_id).await?;
        let amount = funded(&escrow)?;
        let order = work.read::<Order>(trade.order_id).await?;
        let fact = order::Fact::Paid { amount };
        work.observe(&order, self.order_observation(trade, fact));
        Ok(())
    }

    async fn stock_sold(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
        seller_id: &str,
        items: &[&Item],
    ) -> Result<(), CommandError> {
        let products: BTreeSet<&str> = items.iter().map(|item| item.product_id.as_str()).collect();
        for product_id in products {
            let listing_id = ids::listing(product_id, seller_id);
            let stock = work.read::<Inventory>(listing_id).await?;
            let commit = inventory::Commit { listing_id, order_id: trade.order_id };
            work.observe(&stock, inventory::Observation::Committed(commit));
        }
        Ok(())
    }
}

fn funded(escrow: &Escrow) -> Result<Money, CommandError> {
    let fundings = match escrow {
        Escrow::Absent => &[][..],
        Escrow::Held(held) | Escrow::Released(held) => &held.fundings,
    };
    let amounts = fundings.iter().map(|funding| funding.amount);
    Money::sum(Currency::Brl, amounts).map_err(CommandError::bug)
}

/// A boleto and a debit card are no kinds of ours: they keep the source's name.
fn method(payment: &Payment) -> TenderMethod {
    match payment.kind.as_str() {
        "credit_card" => TenderMethod::Card { instalments: payment.instalments },
        "voucher" => TenderMethod::Voucher {},
        other => TenderMethod::Other { source_name: code(other) },
    }
}

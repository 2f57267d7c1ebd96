//! How a foreign order stood in the end: what that adds to its facts, and what it contradicts.

use command_api::execute::UnitOfWork;
use command_api::problem::CommandError;
use domain::checkout::{self, Checkout};
use domain::decider::Decider;
use domain::escrow::{self, Escrow, RefundAmount, RefundReason};
use domain::inventory::{self, Inventory};
use domain::order::{self, Status};
use events_schema::anomaly::AnomalyKind;
use events_schema::trade::Trade;

use super::super::ids;
use super::{Applied, by_seller, trade_of};

impl Applied {
    pub(super) async fn ended(&self, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
        let status = status(&self.order.status);
        let sellers = by_seller(&self.order);
        for (seller_id, items) in &sellers {
            let trade = trade_of(&self.order, seller_id);
            if status == Some(Status::Cancelled) {
                let events = self.order_observed(work, trade, order::Fact::Cancelled).await?;
                // One that was delivered all the same: nothing is given back.
                let cancelled = events.iter().any(|e| matches!(e, order::Event::Cancelled(_)));
                if cancelled && !events.iter().any(is_yet_delivered) {
                    self.refunded(work, trade).await?;
                    for item in items {
                        self.stock_given_back(work, trade, &item.product_id, seller_id).await?;
                    }
                    self.asked_no_more(work, trade).await?;
                }
            }
            if let Some(status) = status {
                let fact = order::Fact::StatusReported { status };
                self.order_observed(work, trade, fact).await?;
            }
        }
        if sellers.is_empty() && status == Some(Status::Cancelled) {
            self.checkout_observed(work, checkout::Fact::Cancelled).await?;
        }
        Ok(())
    }

    /// What was paid for a cancelled order is owed to the buyer.
    async fn refunded(&self, work: &mut UnitOfWork<'_>, trade: Trade) -> Result<(), CommandError> {
        let escrow = work.read::<Escrow>(trade.order_id).await?;
        let refund = escrow::Refund { amount: RefundAmount::Whole, reason: RefundReason::Observed };
        // An escrow that holds nothing has nothing to give back: no refusal of the observation.
        let events = escrow.decide(escrow::Command::Refund(refund)).unwrap_or_default();
        work.write(&escrow, events);
        Ok(())
    }

    /// What was not paid yet need not be paid.
    async fn asked_no_more(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
    ) -> Result<(), CommandError> {
        let checkout = work.read::<Checkout>(trade.checkout_id).await?;
        let reduce = checkout::Reduce { order_id: trade.order_id };
        let events = checkout.decide(checkout::Command::Reduce(reduce)).unwrap_or_default();
        work.write(&checkout, events);
        Ok(())
    }

    async fn stock_given_back(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
        product_id: &str,
        seller_id: &str,
    ) -> Result<(), CommandError> {
        let listing_id = ids::listing(product_id, seller_id);
        let stock = work.read::<Inventory>(listing_id).await?;
        let release = inventory::Release { listing_id, order_id: trade.order_id };
        work.observe(&stock, inventory::Observation::Released(release));
        Ok(())
    }
}

const fn is_yet_delivered(event: &order::Event) -> bool {
    matches!(event, order::Event::AnomalyFound(found)
        if matches!(found.anomaly.kind, AnomalyKind::CancelledYetDelivered))
}

/// The source's words in ours; `None` for one that it has never used.
fn status(source: &str) -> Option<Status> {
    match source {
        "created" => Some(Status::Placed),
        "approved" | "invoiced" => Some(Status::Paid),
        "processing" => Some(Status::Preparing),
        "shipped" => Some(Status::Shipped),
        "delivered" => Some(Status::Delivered),
        "canceled" | "unavailable" => Some(Status::Cancelled),
        _ => None,
    }
}

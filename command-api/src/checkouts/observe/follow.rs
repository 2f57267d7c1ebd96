//! What happens to a checkout means for its orders, their escrows and their stock.

use domain::checkout::{Checkout, Event, Known, Share};
use domain::escrow::{self, Escrow, Fund};
use domain::inventory::{self, Commit, Inventory};
use domain::order::{self, CancelReason, Instants, Order};
use events_schema::checkout::Captured;
use events_schema::trade::Trade;

use crate::execute::UnitOfWork;
use crate::orders::cancel;
use crate::problem::CommandError;

/// Books what the checkout's new events say, wherever it belongs.
pub(super) async fn follow(
    checkout: &Checkout,
    known: &Known,
    events: &[Event],
    work: &mut UnitOfWork<'_>,
) -> Result<(), CommandError> {
    for event in events {
        if let Event::Captured(captured) = event {
            fund(captured, work).await?;
        }
    }
    for share in checkout.paid_orders_after(events) {
        pay(trade(known, &share), share, work).await?;
    }
    if Checkout::end_in(events).is_some() {
        for share in &known.shares {
            cancel::unpaid(share.order_id, CancelReason::PaymentDeclined, work).await?;
        }
    }
    Ok(())
}

async fn fund(captured: &Captured, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
    for share in &captured.shares {
        let trade = Trade {
            checkout_id: captured.checkout_id,
            order_id: share.order_id,
            seller_id: share.seller_id,
            buyer_id: captured.buyer_id,
        };
        let escrow = work.read::<Escrow>(share.order_id).await?;
        let fact = escrow::Fact::Funded(Fund {
            tender_id: captured.tender.tender_id,
            method: captured.tender.method.clone(),
            amount: share.amount,
        });
        work.observe(&escrow, escrow::Observation { trade, fact });
    }
    Ok(())
}

/// The order has all of its money: what it held is sold.
pub(crate) async fn pay(
    trade: Trade,
    share: Share,
    work: &mut UnitOfWork<'_>,
) -> Result<(), CommandError> {
    let order = work.read::<Order>(trade.order_id).await?;
    let fact = order::Fact::Paid { amount: share.amount };
    work.observe(&order, order::Observation { trade, instants: Instants::default(), fact });
    for listing_id in order.listings() {
        let inventory = work.read::<Inventory>(listing_id).await?;
        let commit = Commit { listing_id, order_id: trade.order_id };
        work.observe(&inventory, inventory::Observation::Committed(commit));
    }
    Ok(())
}

fn trade(known: &Known, share: &Share) -> Trade {
    Trade {
        checkout_id: known.checkout_id,
        order_id: share.order_id,
        seller_id: share.seller_id,
        buyer_id: known.buyer_id,
    }
}

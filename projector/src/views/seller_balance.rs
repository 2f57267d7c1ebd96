//! `seller_balance`: what the marketplace owes each seller, from what left the escrows.

use events_schema::Event;
use events_schema::envelope::Recorded;
use events_schema::escrow;
use events_schema::ids::SellerId;
use events_schema::money::{Currency, Error, Money};
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::Collection;

use crate::view::{Order, Poison, View};

#[derive(Debug)]
pub struct SellerBalance;

/// The id is the seller's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    pub seller_id: SellerId,
    /// One per currency.
    pub balances: Vec<Balance>,
    pub updated_at: Timestamp,
}

/// `due` = `to_seller` + `shipping`; fee and VAT were kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Balance {
    pub currency: Currency,
    pub due: Money,
    /// For items, fee and VAT taken off.
    pub to_seller: Money,
    pub shipping: Money,
    pub fee: Money,
    pub fee_vat: Money,
    /// How many releases these amounts come from.
    pub releases: u64,
}

const COLLECTION: Collection = Collection { name: SellerBalance::NAME, indexes: &[] };

impl View for SellerBalance {
    type Key = SellerId;
    type Document = Document;

    const NAME: &'static str = "seller_balance";
    const VERSION: u32 = 1;
    const ORDER: Order = Order::Log;

    fn collection() -> &'static Collection {
        &COLLECTION
    }

    fn keys(recorded: &Recorded<Event>) -> Vec<SellerId> {
        match &recorded.event {
            Event::Escrow(escrow::Event::Released(event)) => vec![event.trade.seller_id],
            Event::Escrow(
                escrow::Event::Opened(_)
                | escrow::Event::Funded(_)
                | escrow::Event::Refunded(_)
                | escrow::Event::AnomalyFound(_),
            )
            | Event::Seller(_)
            | Event::Category(_)
            | Event::Listing(_)
            | Event::Inventory(_)
            | Event::Checkout(_)
            | Event::Order(_)
            | Event::Shipment(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Policy(_) => vec![],
        }
    }

    fn apply(
        document: Option<Document>,
        key: &SellerId,
        recorded: &Recorded<Event>,
    ) -> Result<Option<Document>, Poison> {
        let Event::Escrow(escrow::Event::Released(event)) = &recorded.event else {
            return Ok(document);
        };
        let mut balances = document.map(|document| document.balances).unwrap_or_default();
        let currency = event.to_seller.currency();
        let found = balances.iter().position(|balance| balance.currency == currency);
        let index = found.unwrap_or_else(|| {
            balances.push(Balance::empty(currency));
            balances.len().saturating_sub(1)
        });
        balances[index].add(event).map_err(|_| Poison("released amounts do not add up"))?;
        let updated_at = recorded.meta.occurred_at;
        Ok(Some(Document { seller_id: *key, balances, updated_at }))
    }
}

impl Balance {
    const fn empty(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            currency,
            due: zero,
            to_seller: zero,
            shipping: zero,
            fee: zero,
            fee_vat: zero,
            releases: 0,
        }
    }

    fn add(&mut self, event: &escrow::Released) -> Result<(), Error> {
        self.to_seller = self.to_seller.checked_add(event.to_seller)?;
        self.shipping = self.shipping.checked_add(event.shipping)?;
        self.due = self.to_seller.checked_add(self.shipping)?;
        self.fee = self.fee.checked_add(event.fee)?;
        self.fee_vat = self.fee_vat.checked_add(event.fee_vat)?;
        self.releases = self.releases.saturating_add(1);
        Ok(())
    }
}

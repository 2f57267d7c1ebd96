//! What the aggregates of one trade share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{CheckoutId, OrderId, PersonId, SellerId, TenderId};
use crate::money::Money;
use crate::text::{Code, Name};

/// The ids that every event of an order, its escrow and its parcels carries, so that a view needs no
/// look-up to know whom it concerns.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    pub checkout_id: CheckoutId,
    pub order_id: OrderId,
    pub seller_id: SellerId,
    pub buyer_id: PersonId,
}

/// Sellers, listings and orders are regulated by who sells (`korean-rules` R1–R7).
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SellerKind {
    Individual,
    Business,
}

impl SellerKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Business => "business",
        }
    }
}

/// With what a part of the price is paid.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum TenderMethod {
    /// In so many monthly instalments; 1 is paid at once.
    Card {
        instalments: u8,
    },
    BankTransfer {},
    /// Funded by the marketplace, unless a later policy says otherwise.
    Voucher {},
    Points {},
    /// Handed over when the two meet. The money never passes through the marketplace.
    InPerson {},
    /// A kind that only another system knows, by the name it uses.
    Other {
        source_name: Code,
    },
}

impl TenderMethod {
    /// The kind as accounts and reports name it: `card`, `other:boleto`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Card { .. } => "card".to_owned(),
            Self::BankTransfer {} => "bank_transfer".to_owned(),
            Self::Voucher {} => "voucher".to_owned(),
            Self::Points {} => "points".to_owned(),
            Self::InPerson {} => "in_person".to_owned(),
            Self::Other { source_name } => format!("other:{source_name}"),
        }
    }
}

/// One part of a payment.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tender {
    pub tender_id: TenderId,
    pub method: TenderMethod,
    pub amount: Money,
}

/// Where a record that was observed comes from, as its own system names it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub system: Name,
    pub id: Code,
    /// The state it had there when it was exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Code>,
}

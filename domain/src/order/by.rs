//! Who asks.

use super::Rejection;
use crate::ids::{PersonId, SellerId};
use crate::trade::Trade;

/// Whoever is no party to the trade learns nothing, not even that it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Buyer(PersonId),
    Seller(SellerId),
    /// The marketplace itself: its people and its processes.
    Staff,
}

impl By {
    #[must_use]
    pub fn is_party_to(self, trade: &Trade) -> bool {
        match self {
            Self::Buyer(person_id) => person_id == trade.buyer_id,
            Self::Seller(seller_id) => seller_id == trade.seller_id,
            Self::Staff => true,
        }
    }

    pub(super) const fn is_on_sellers_side(self) -> Result<(), Rejection> {
        match self {
            Self::Seller(_) | Self::Staff => Ok(()),
            Self::Buyer(_) => Err(Rejection::OnlySeller),
        }
    }
}

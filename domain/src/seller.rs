//! A seller: a private person's or a business's shop.
//!
//! ```text
//! Absent ──register──▶ Active ──suspend──▶ Suspended
//!                        ▲                     │
//!                        └──────reinstate──────┘
//! ```

mod observe;
mod register;
mod reinstate;
mod suspend;
#[cfg(test)]
mod testing;

use events_schema::stream::StreamId;

use crate::decider::{Decider, Observer, Refusal, RefusalKind};
use crate::ids::{PersonId, SellerId};
use crate::trade::SellerKind;

pub use events_schema::seller::Event;
pub use observe::Observation;
pub use register::Register;
pub use suspend::Suspend;

/// Who acts on what belongs to a seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Seller(SellerId),
    /// A manager or an admin: may act for every seller.
    Staff,
}

impl By {
    #[must_use]
    pub fn acts_for(self, seller_id: SellerId) -> bool {
        match self {
            Self::Seller(own) => own == seller_id,
            Self::Staff => true,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Seller {
    #[default]
    Absent,
    Active(Identity),
    /// Sells nothing until reinstated.
    Suspended(Identity),
}

/// What never changes about a seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub seller_id: SellerId,
    pub owner_id: PersonId,
    pub seller_kind: SellerKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Register(Register),
    Suspend(Suspend),
    Reinstate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("seller does not exist")]
    NotFound,
    #[error("seller was already registered, with another owner or kind")]
    AlreadyRegistered,
    #[error("seller is suspended")]
    Suspended,
    #[error("nobody buys in a shop of their own")]
    OwnShop,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "seller_not_found",
            Self::AlreadyRegistered => "seller_already_registered",
            Self::Suspended => "seller_suspended",
            Self::OwnShop => "own_shop",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::AlreadyRegistered => RefusalKind::Conflict,
            Self::Suspended | Self::OwnShop => RefusalKind::Rule,
        }
    }
}

impl Seller {
    /// Who this is, suspended or not.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Absent => None,
            Self::Active(identity) | Self::Suspended(identity) => Some(identity),
        }
    }

    /// May offer and sell right now.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], [`Rejection::Suspended`].
    pub const fn trading(&self) -> Result<&Identity, Rejection> {
        match self {
            Self::Absent => Err(Rejection::NotFound),
            Self::Suspended(_) => Err(Rejection::Suspended),
            Self::Active(identity) => Ok(identity),
        }
    }

    /// May sell to this person right now: to anybody but its owner, whose purchases would only feign
    /// demand and ratings.
    ///
    /// # Errors
    /// [`Rejection::OwnShop`], or as [`Self::trading`].
    pub fn sells_to(&self, buyer_id: PersonId) -> Result<(), Rejection> {
        let identity = self.trading()?;
        if identity.owner_id == buyer_id { Err(Rejection::OwnShop) } else { Ok(()) }
    }
}

impl Decider for Seller {
    type Id = SellerId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: SellerId) -> StreamId {
        StreamId::Seller(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Seller(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Register(register) => register::decide(self, register),
            Command::Suspend(suspend) => suspend::decide(self, suspend),
            Command::Reinstate => reinstate::decide(self),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Registered(registered) => Self::Active(Identity {
                seller_id: registered.seller_id,
                owner_id: registered.owner_id,
                seller_kind: registered.seller_kind,
            }),
            Event::Suspended(_) => self.identity().copied().map_or(Self::Absent, Self::Suspended),
            Event::Reinstated(_) => self.identity().copied().map_or(Self::Absent, Self::Active),
        }
    }
}

impl Observer for Seller {
    type Observation = Observation;

    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Seen(seen) => observe::seen(self, seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{registered, suspended};
    use super::{Rejection, Seller};
    use crate::ids::PersonId;
    use crate::testing::{given, id};

    #[test]
    fn sells_to_anybody_but_its_owner_and_to_nobody_while_suspended() {
        let (owner, stranger) = (id(2, PersonId::new), id(3, PersonId::new));
        let active = given::<Seller>([registered()]).0;
        assert_eq!(active.sells_to(stranger), Ok(()));
        assert_eq!(active.sells_to(owner), Err(Rejection::OwnShop));
        let suspended = given::<Seller>([registered(), suspended()]).0;
        assert_eq!(suspended.sells_to(owner), Err(Rejection::Suspended));
        assert_eq!(Seller::Absent.sells_to(owner), Err(Rejection::NotFound));
    }
}

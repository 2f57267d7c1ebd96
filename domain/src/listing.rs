//! A listing: what one seller offers, at which price, and whether it may be seen.
//!
//! ```text
//! Absent ──draft──▶ Draft ──submit──▶ Submitted ──approve──▶ OnSale ──suspend──▶ Suspended
//!   │                                 │     ▲               ▲    ▲                  │
//!   │                              reject submit            │    └──────resume──────┘
//!   │                                 ▼     │               │
//!   │                                 Rejected              │
//!   └───────────────────────observed────────────────────────┘
//!
//! Draft, Rejected, OnSale, Suspended ──edit, change price──▶ the same
//! any but Absent ──withdraw──▶ Withdrawn
//! ```
//! What waits for approval is not edited, so that what is approved is what was seen. An edit of a
//! listing on sale stays on sale.

mod approve;
mod change_price;
mod contents;
mod draft;
mod edit;
mod observe;
mod offer;
mod reject;
mod rejection;
mod resume;
mod submit;
mod suspend;
#[cfg(test)]
mod testing;
mod withdraw;

use events_schema::stream::StreamId;

use crate::decider::{Decider, Observer};
use crate::ids::{ListingId, OptionId};
use crate::seller::By;

pub use change_price::ChangePrice;
pub use draft::Draft;
pub use edit::Edit;
pub use events_schema::listing::{Details, Event, ListingOption};
pub use observe::Observation;
pub use offer::Offer;
pub use reject::Reject;
pub use rejection::Rejection;
pub use submit::Submit;
pub use suspend::Suspend;
pub use withdraw::Withdraw;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    #[default]
    Absent,
    Draft(Offer),
    Submitted(Offer),
    Rejected(Offer),
    OnSale(Offer),
    Suspended(Offer),
    Withdrawn(Offer),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Draft(Draft),
    Edit(Edit),
    ChangePrice(ChangePrice),
    Submit(Submit),
    Approve,
    Reject(Reject),
    Suspend(Suspend),
    Resume,
    Withdraw(Withdraw),
}

impl Listing {
    /// What can be ordered right now.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] while nobody may see it, else [`Rejection::NotOnSale`] or
    /// [`Rejection::Withdrawn`].
    pub const fn offer(&self) -> Result<&Offer, Rejection> {
        match self {
            Self::OnSale(offer) => Ok(offer),
            Self::Absent | Self::Draft(_) | Self::Submitted(_) | Self::Rejected(_) => {
                Err(Rejection::NotFound)
            }
            Self::Suspended(_) => Err(Rejection::NotOnSale),
            Self::Withdrawn(_) => Err(Rejection::Withdrawn),
        }
    }

    /// What it says, in whatever state.
    #[must_use]
    pub const fn contents(&self) -> Option<&Offer> {
        match self {
            Self::Absent => None,
            Self::Draft(offer)
            | Self::Submitted(offer)
            | Self::Rejected(offer)
            | Self::OnSale(offer)
            | Self::Suspended(offer)
            | Self::Withdrawn(offer) => Some(offer),
        }
    }

    /// What it says, to its seller and the staff alone.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] for everybody else.
    pub fn owned(&self, by: By) -> Result<&Offer, Rejection> {
        self.contents().filter(|offer| by.acts_for(offer.seller_id)).ok_or(Rejection::NotFound)
    }

    /// Whether `by` may count the stock of this option (see [`crate::inventory`]).
    ///
    /// # Errors
    /// [`Rejection::NotFound`], [`Rejection::Withdrawn`], [`Rejection::OptionNotFound`],
    /// [`Rejection::OptionRequired`].
    pub fn stocks(&self, by: By, option_id: Option<OptionId>) -> Result<(), Rejection> {
        let offer = self.owned(by)?;
        if let Self::Withdrawn(_) = self {
            return Err(Rejection::Withdrawn);
        }
        offer.option(option_id).map(|_| ())
    }

    const fn editable(&self) -> Result<(), Rejection> {
        match self {
            Self::Absent => Err(Rejection::NotFound),
            Self::Submitted(_) => Err(Rejection::AwaitsApproval),
            Self::Withdrawn(_) => Err(Rejection::Withdrawn),
            Self::Draft(_) | Self::Rejected(_) | Self::OnSale(_) | Self::Suspended(_) => Ok(()),
        }
    }

    fn into_contents(self) -> Option<Offer> {
        match self {
            Self::Absent => None,
            Self::Draft(offer)
            | Self::Submitted(offer)
            | Self::Rejected(offer)
            | Self::OnSale(offer)
            | Self::Suspended(offer)
            | Self::Withdrawn(offer) => Some(offer),
        }
    }

    fn moved(self, to: fn(Offer) -> Self) -> Self {
        self.into_contents().map_or(Self::Absent, to)
    }

    fn changed(mut self, change: impl FnOnce(&mut Offer)) -> Self {
        match &mut self {
            Self::Absent => (),
            Self::Draft(offer)
            | Self::Submitted(offer)
            | Self::Rejected(offer)
            | Self::OnSale(offer)
            | Self::Suspended(offer)
            | Self::Withdrawn(offer) => change(offer),
        }
        self
    }
}

impl Decider for Listing {
    type Id = ListingId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: ListingId) -> StreamId {
        StreamId::Listing(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Listing(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Draft(draft) => draft::decide(self, draft),
            Command::Edit(edit) => edit::decide(self, edit),
            Command::ChangePrice(change) => change_price::decide(self, change),
            Command::Submit(submit) => submit::decide(self, submit),
            Command::Approve => approve::decide(self),
            Command::Reject(reject) => reject::decide(self, reject),
            Command::Suspend(suspend) => suspend::decide(self, suspend),
            Command::Resume => resume::decide(self),
            Command::Withdraw(withdraw) => withdraw::decide(self, withdraw),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Drafted(drafted) => Self::Draft(Offer::from(drafted)),
            Event::Observed(observed) => Self::OnSale(Offer::from(observed)),
            Event::Edited(edited) => self.changed(|offer| offer.details = edited.details.clone()),
            Event::PriceChanged(changed) => self.changed(|offer| offer.price = changed.new_price),
            Event::Submitted(_) => self.moved(Self::Submitted),
            Event::Approved(_) | Event::Resumed(_) => self.moved(Self::OnSale),
            Event::Rejected(_) => self.moved(Self::Rejected),
            Event::Suspended(_) => self.moved(Self::Suspended),
            Event::Withdrawn(_) => self.moved(Self::Withdrawn),
        }
    }
}

impl Observer for Listing {
    type Observation = Observation;

    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Seen(seen) => observe::seen(self, seen),
        }
    }
}

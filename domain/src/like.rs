//! A like: that one person likes one listing (찜). Each has a stream of its own, so that a listing that
//! many like is nobody's bottleneck.
//!
//! ```text
//! Absent ──give──▶ Given
//!    ▲               │
//!    └───take back───┘
//! ```

mod give;
mod like_id;
mod take_back;
#[cfg(test)]
mod testing;

use events_schema::stream::StreamId;

use crate::decider::{Decider, Refusal, RefusalKind};
use crate::ids::LikeId;
use crate::listing;

pub use events_schema::like::{Event, Subject};
pub use give::Give;
pub use like_id::like_id;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Like {
    #[default]
    Absent,
    Given(Subject),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Give(Give),
    TakeBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error(transparent)]
    Listing(#[from] listing::Rejection),
    #[error("nobody likes a listing of their own")]
    OwnListing,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::Listing(rejection) => rejection.code(),
            Self::OwnListing => "own_listing",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::Listing(rejection) => rejection.kind(),
            Self::OwnListing => RefusalKind::Rule,
        }
    }
}

impl Decider for Like {
    type Id = LikeId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: LikeId) -> StreamId {
        StreamId::Like(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Like(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Give(give) => give::decide(self, give),
            Command::TakeBack => Ok(take_back::decide(self)),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Given(given) => Self::Given(given.subject),
            Event::TakenBack(_) => Self::Absent,
        }
    }
}

//! A review: one side's opinion of one trade, for good.
//!
//! ```text
//! Absent ──write──▶ Written
//!                   (report)
//! ```

mod observe;
mod report;
mod review_id;
#[cfg(test)]
mod testing;
mod write;

use std::collections::BTreeSet;

use events_schema::personal::{Comment, Personal};
use events_schema::stream::StreamId;

use crate::decider::{Decider, Observer, Refusal, RefusalKind};
use crate::ids::{PersonId, ReviewId};

pub use events_schema::review::{Event, Rating, Side, Subject};
pub use observe::{Delivery, Observation, Observed};
pub use report::Report;
pub use review_id::review_id;
pub use write::{Author, Write};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Review {
    #[default]
    Absent,
    Written {
        review_id: ReviewId,
        subject: Subject,
        rating: Rating,
        comment: Option<Personal<Comment>>,
        /// Who has reported it.
        reporters: BTreeSet<PersonId>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Write(Write),
    Report(Report),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("review does not exist")]
    NotFound,
    #[error("order does not exist")]
    OrderNotFound,
    #[error("this side has already reviewed this order")]
    AlreadyReviewed,
    #[error("an order is reviewed once it was delivered")]
    NotDelivered,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "review_not_found",
            Self::OrderNotFound => "order_not_found",
            Self::AlreadyReviewed => "review_already_written",
            Self::NotDelivered => "review_before_delivery",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound | Self::OrderNotFound => RefusalKind::Absent,
            Self::AlreadyReviewed | Self::NotDelivered => RefusalKind::Conflict,
        }
    }
}

impl Decider for Review {
    type Id = ReviewId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: ReviewId) -> StreamId {
        StreamId::Review(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Review(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Write(write) => write::decide(self, write),
            Command::Report(report) => report::decide(self, report),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Written(written) => {
                return Self::Written {
                    review_id: written.review_id,
                    subject: written.subject,
                    rating: written.rating,
                    comment: written.comment.clone(),
                    reporters: BTreeSet::new(),
                };
            }
            Event::Reported(reported) => {
                if let Self::Written { reporters, .. } = &mut self {
                    reporters.insert(reported.reporter_id);
                }
            }
            Event::AnomalyFound(_) => (),
        }
        self
    }
}

impl Observer for Review {
    type Observation = Observation;

    fn observe(&self, observation: Observation) -> Vec<Event> {
        match observation {
            Observation::Written(observed) => observe::written(self, observed),
        }
    }
}

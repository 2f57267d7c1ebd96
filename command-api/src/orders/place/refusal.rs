//! What is refused before any one aggregate can say no.

use domain::decider::{Refusal, RefusalKind};
use domain::order;
use events_schema::order::LINES_MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// So that nobody pays a price he has not seen.
    #[error("a listing's price or shipping has changed since you saw it")]
    ListingChanged,
    #[error("no line is ordered")]
    NoLines,
    #[error("more than {LINES_MAX} lines are ordered")]
    TooManyLines,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::ListingChanged => "listing_changed",
            Self::NoLines => order::Rejection::NoLines.code(),
            Self::TooManyLines => order::Rejection::TooManyLines.code(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::ListingChanged => RefusalKind::Conflict,
            Self::NoLines | Self::TooManyLines => RefusalKind::Rule,
        }
    }
}

//! Positions that clients bring: of which epoch, and have the views got there?

use edge::headers::place::Place;
use edge::problem::{Code, Problem};
use events_schema::envelope::{Epoch, Position};

/// A position that was given in another epoch may name another event now.
///
/// # Errors
/// 412 `epoch_changed`.
pub(crate) fn same_epoch(place: Place, epoch: Epoch) -> Result<Position, Problem> {
    if place.epoch == epoch {
        return Ok(place.position);
    }
    let detail = format!("the log is in epoch {}: read again from the beginning", epoch.0);
    Err(Problem::new(Code::EpochChanged, detail))
}

/// Whether history itself has got as far as the client asks for.
///
/// # Errors
/// 412 `view_behind` or `epoch_changed`.
pub(crate) fn reached(least: Option<Place>, place: Place) -> Result<(), Problem> {
    let Some(least) = least else { return Ok(()) };
    if same_epoch(least, place.epoch)? <= place.position { Ok(()) } else { Err(behind(place)) }
}

pub(crate) fn behind(place: Place) -> Problem {
    let (name, value) = place.header();
    Problem::new(Code::ViewBehind, format!("has got to {place}; ask again in a moment"))
        .with_header(name, value)
}

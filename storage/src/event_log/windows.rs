//! A filtered read goes through the log in windows, so that each statement is short and what it
//! holds is bounded, however rare the events are.

use events_schema::envelope::{Position, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use super::{Error, Filter, READ_MAX};

const WINDOW_MIN: u64 = 8_192;
const WINDOW_MAX: u64 = 262_144;
const EVENT_TYPES_MAX: usize = 128;

/// The ranges of positions, `after` exclusive and `to` inclusive, that a read looks at.
#[derive(Debug)]
pub(super) struct Windows {
    after: u64,
    end: u64,
    size: u64,
}

impl Windows {
    pub(super) fn new(after: Position, end: Position) -> Self {
        Self { after: after.0, end: end.0, size: WINDOW_MIN }
    }

    /// One window where an index leads straight to few events in their order.
    pub(super) fn of(filter: &Filter, after: Position, end: Position) -> Self {
        let narrow = filter.correlation_id.is_some() || whole_stream(filter).is_some();
        let size = if narrow { u64::MAX } else { WINDOW_MIN };
        Self { size, ..Self::new(after, end) }
    }
}

impl Iterator for Windows {
    type Item = (Position, Position);

    fn next(&mut self) -> Option<Self::Item> {
        if self.after >= self.end {
            return None;
        }
        let (after, to) = (self.after, self.after.saturating_add(self.size).min(self.end));
        self.after = to;
        self.size = self.size.saturating_mul(2).min(WINDOW_MAX);
        Some((Position(after), Position(to)))
    }
}

/// The stream, where the filter names a whole one.
pub(super) fn whole_stream(filter: &Filter) -> Option<StreamId> {
    filter.stream_prefix.as_deref()?.parse().ok()
}

/// The last instant before this one.
pub(super) fn before(at: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(at.as_unix_micros().saturating_sub(1))
}

pub(super) fn check_filter(filter: &Filter) -> Result<(), Error> {
    if filter.event_types.len() > EVENT_TYPES_MAX {
        return Err(Error::Invalid("a filter names at most 128 event types"));
    }
    if filter.event_types.iter().chain(&filter.stream_prefix).any(|text| text.contains('\0')) {
        return Err(Error::Invalid("a filter holds no NUL"));
    }
    Ok(())
}

pub(super) fn check_limit(limit: usize) -> Result<(), Error> {
    let holds = (1..=READ_MAX).contains(&limit);
    if holds { Ok(()) } else { Err(Error::Invalid("a read asks for 1 to 4096 events")) }
}

pub(super) fn check_positions(positions: &[Position]) -> Result<Vec<i64>, Error> {
    check_limit(positions.len())?;
    if !positions.is_sorted_by(|one, next| one < next) {
        return Err(Error::Invalid("positions rise"));
    }
    Ok(positions.iter().map(|position| stored(position.0)).collect())
}

/// A position or version as a column holds it; what is out of range is beyond every event.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn stored_version(version: Version) -> i64 {
    stored(version.0)
}

/// The first text that is greater than every text with this prefix (in the order of bytes).
pub(super) fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_position_once() {
        let windows: Vec<_> = Windows::new(Position(10), Position(1_000_000)).collect();
        assert_eq!(windows.first().map(|(after, _)| after.0), Some(10));
        assert_eq!(windows.last().map(|(_, to)| to.0), Some(1_000_000));
        assert!(windows.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert_eq!(Windows::new(Position(5), Position(5)).next(), None);
    }
}

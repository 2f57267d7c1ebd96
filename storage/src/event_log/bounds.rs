//! What a read may ask for, and how much of the log a filtered one looks at: however rare the events
//! are, it holds a connection for one short statement and then says where to read on.

use events_schema::envelope::{Position, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;

use super::{Error, Filter, READ_MAX};

/// The most positions that one filtered read looks at.
const LOOKED_AT_MAX: u64 = 16_384;
const EVENT_TYPES_MAX: usize = 128;
/// PostgreSQL has it in its function `forget_keys`.
pub(super) const KEY_LIFE_DAYS: i64 = 30;
/// The most keys that are forgotten in one call: appends wait meanwhile.
pub(super) const FORGOTTEN_MAX: i32 = 1_000;

/// How far, at most, one read looks that begins after `after`: to `end`, where an index leads straight
/// to few events in their order.
pub(super) fn looked_at_until(filter: &Filter, after: Position, end: Position) -> Position {
    let is_narrow = filter.correlation_id.is_some() || whole_stream(filter).is_some();
    if is_narrow { end } else { end.min(Position(after.0.saturating_add(LOOKED_AT_MAX))) }
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

/// Those that one page can hold.
pub(super) fn check_positions(positions: &[Position]) -> Result<&[Position], Error> {
    let page = positions.get(..READ_MAX).unwrap_or(positions);
    let rise = page.is_sorted_by(|one, next| one < next);
    if rise { Ok(page) } else { Err(Error::Invalid("positions rise")) }
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

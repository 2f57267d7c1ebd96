//! How much one read gives, and where the next goes on.

use events_schema::envelope::{Payload, Position, Recorded, Version};

/// The most events of one page.
pub const READ_MAX: usize = 4_096;
/// A page ends with the event whose payload brings it to so many bytes.
pub const PAGE_BYTES: usize = 4 << 20;

/// What one read found, oldest first. It may be shorter than what was asked for, or empty: only
/// `next` tells whether there is more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<At> {
    pub events: Vec<Recorded<Payload>>,
    /// Read on after here; `None` where nothing more was there.
    pub next: Option<At>,
}

impl Page<Version> {
    pub(super) fn of_stream(events: Vec<Recorded<Payload>>, limit: usize) -> Self {
        let last = events.last().filter(|_| is_full(&events, limit));
        Self { next: last.map(|event| event.meta.version), events }
    }
}

impl Page<Position> {
    /// Of unfiltered events: only where there is none the log has ended, for a hole looks like its
    /// end until it is asked what comes next.
    pub(super) fn of_log(events: Vec<Recorded<Payload>>) -> Self {
        Self { next: events.last().map(|event| event.position), events }
    }

    /// Of events that pass a filter, looked for up to `to`, in a log that may hold more of them up
    /// to `end`.
    pub(super) fn filtered(
        events: Vec<Recorded<Payload>>,
        limit: usize,
        (to, end): (Position, Position),
    ) -> Self {
        let last = events.last().filter(|_| is_full(&events, limit));
        let looked_at = Some(to).filter(|to| *to < end);
        Self { next: last.map(|event| event.position).or(looked_at), events }
    }
}

/// Whether it was the limit, or the bytes, that ended these.
fn is_full(events: &[Recorded<Payload>], limit: usize) -> bool {
    events.len() == limit || payload_bytes(events) >= PAGE_BYTES
}

pub(super) fn payload_bytes(events: &[Recorded<Payload>]) -> usize {
    events.iter().map(|recorded| recorded.event.len()).sum()
}

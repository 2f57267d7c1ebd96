//! The content hash: SHA-256 over what the writer said, defined here and nowhere else.
//!
//! The input is the tag `jangteo.event.1`, then each column as a length (32 bits, big-endian) and
//! its bytes; a column that is absent has the length 2³² − 1 and no bytes. Numbers are 64 bits,
//! big-endian; ids are 16 bytes; the rest is UTF-8. The order is that of [`of`].

use std::fmt;

use sha2::{Digest, Sha256};

use crate::envelope::Meta;

/// 32 bytes of SHA-256, shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const ABSENT: u32 = u32::MAX;

/// The hash of one event. Position, epoch and `recorded_at` are not in it: they are the log's.
#[must_use]
pub fn of(meta: &Meta, payload: &[u8]) -> ContentHash {
    let mut hasher = Sha256::new_with_prefix(b"jangteo.event.1");
    let mut column = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(ABSENT, |bytes| u32::try_from(bytes.len()).unwrap_or(ABSENT - 1));
        hasher.update(length.to_be_bytes());
        hasher.update(bytes.unwrap_or_default());
    };
    column(Some(meta.stream.to_string().as_bytes()));
    column(Some(&meta.version.0.to_be_bytes()));
    column(Some(meta.event_id.as_uuid().as_bytes()));
    column(Some(meta.event_type.as_bytes()));
    column(Some(&u64::from(meta.schema_version).to_be_bytes()));
    column(Some(&meta.occurred_at.as_unix_micros().to_be_bytes()));
    column(Some(meta.actor.to_string().as_bytes()));
    column(meta.on_behalf_of.map(|person| *person.as_uuid().as_bytes()).as_ref().map(|id| &id[..]));
    column(Some(meta.origin.as_str().as_bytes()));
    column(Some(meta.command_id.as_uuid().as_bytes()));
    column(Some(meta.correlation_id.as_uuid().as_bytes()));
    column(meta.causation_id.map(|cause| cause.to_string()).as_deref().map(str::as_bytes));
    column(meta.trace_context.as_deref().map(str::as_bytes));
    column(Some(payload));
    ContentHash(hasher.finalize().into())
}

//! `If-Match`, held against the version that a command has read.

use edge::headers::conditional::IfMatch;
use events_schema::envelope::Version;

use crate::problem::CommandError;

/// # Errors
/// It has changed since the client saw it.
pub(crate) fn check(if_match: &IfMatch, current: Version) -> Result<(), CommandError> {
    if_match.check(current).map_err(|_stale| CommandError::VersionMoved { current })
}

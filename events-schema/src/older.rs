//! For tests of upgrades: a process that is an older program, which has never heard of a type of event.

use std::sync::OnceLock;

static UNHEARD_OF: OnceLock<&'static str> = OnceLock::new();

/// Makes this process older than a type of event. Once, before anything is read.
pub fn be_older_than(event_type: &'static str) {
    UNHEARD_OF.get_or_init(|| event_type);
}

pub(crate) fn knows(event_type: &str) -> bool {
    UNHEARD_OF.get().is_none_or(|unheard_of| *unheard_of != event_type)
}

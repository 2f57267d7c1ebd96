//! What a store is opened for.

/// Whoever only reads is asked for no more rights than that takes, and makes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// What a store that was opened to be read says to whoever writes.
pub(crate) const READ_ONLY: &str = "the store was opened to be read";

//! What buyers read of their payments.

pub(crate) mod get;

//! Commands on policies.

pub mod record;

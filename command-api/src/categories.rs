//! Commands on the tree of categories.

pub mod create;
pub mod rename;
pub mod retire;

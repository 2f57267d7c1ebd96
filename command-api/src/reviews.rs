//! Commands on reviews.

pub mod report;
pub mod write;

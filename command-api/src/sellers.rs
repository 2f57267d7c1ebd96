//! Commands on sellers.

pub mod register;
pub mod reinstate;
pub mod suspend;

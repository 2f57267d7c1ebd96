//! What buyers and sellers read of their orders.

pub(crate) mod get;
pub(crate) mod list;
pub mod timeline;

mod answered;

//! Commands on orders.

pub mod cancel;
pub mod confirm;
pub mod deliver;
pub mod place;
pub mod prepare;
pub mod ship;
pub mod status;

//! What is reported of parcels.

pub mod observe;

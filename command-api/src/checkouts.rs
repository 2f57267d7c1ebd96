//! What is reported of payments.

pub mod observe;

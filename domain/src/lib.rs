//! What the marketplace decides, and nothing else: no I/O, no clock, no randomness, no async.
//!
//! Read in this order.
#![warn(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod decider;

pub mod policy;

pub mod category;
pub mod inventory;
pub mod like;
pub mod listing;
pub mod seller;

pub mod checkout;
pub mod escrow;
pub mod order;
pub mod review;
pub mod shipment;

pub mod ledger;

pub use events_schema::{ids, money, quantity, text, time, trade};

#[cfg(any(test, feature = "testing"))]
pub mod testing;

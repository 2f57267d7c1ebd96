//! The published language: every value and event that crosses a process boundary.
//!
//! Nothing here decides anything. What was written once stays readable for ever.

pub mod ids;
pub mod money;
pub mod personal;
pub mod point;
pub mod quantity;
pub mod text;
pub mod time;

pub mod content_hash;
pub mod envelope;
pub mod malformed;
pub mod stream;

pub mod anomaly;
pub mod trade;

pub mod category;
pub mod checkout;
pub mod escrow;
pub mod inventory;
pub mod like;
pub mod listing;
pub mod order;
pub mod policy;
pub mod review;
pub mod seller;
pub mod shipment;

mod event;
#[cfg(feature = "testing")]
pub mod older;
mod parsed;
mod registry;
mod upcast;

pub use event::{DecodeError, Event, schemas};

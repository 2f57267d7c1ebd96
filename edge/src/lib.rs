//! What every HTTP request passes before a handler sees it, and after: time-outs, limits, tokens,
//! policies, parsing, problems. Both APIs use it, so there is one of each.
//!
//! A service is [`policy::Routes`] (each with its policy), turned by [`app::App::new`] into what
//! [`server::serve`] takes; there is no other way to be served.
//!
//! Invariant: nothing here knows an order, a listing or any other aggregate.

pub mod app;
pub mod cursor;
pub mod detached;
pub mod extract;
pub mod fingerprint;
pub mod headers;
pub mod health;
pub mod json;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod policy;
pub mod problem;
pub mod schema;
pub mod secret;
pub mod server;
pub mod stack;
pub mod state;
pub mod token;
pub mod trace;

#[cfg(test)]
mod testing;

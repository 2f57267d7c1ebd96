//! What system tests share: the whole product on a real socket, the product as a process, a client
//! that speaks plain HTTP, and a small market to trade in.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is test code: what does not hold ends the test"
)]

pub mod appending;
pub mod http;
pub mod market;
pub mod person;
pub mod postgres;
pub mod program;
pub mod servers;
pub mod simulation;
pub mod stack;
pub mod stage;
pub mod strays;
pub mod wait;

//! What nobody should send, byte by byte: each gets its own clear answer, and nothing is written.

#[cfg(test)]
#[path = "bad_input/bodies.rs"]
mod bodies;
#[cfg(test)]
#[path = "bad_input/memory.rs"]
mod memory;
#[cfg(test)]
#[path = "bad_input/requests.rs"]
mod requests;
#[cfg(test)]
#[path = "bad_input/tokens.rs"]
mod tokens;

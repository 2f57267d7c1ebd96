//! Parked documents where several processes and servers work together.

#[cfg(test)]
#[cfg(feature = "real")]
#[path = "parked/letters.rs"]
mod letters;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "parked/refused.rs"]
mod refused;

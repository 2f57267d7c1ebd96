//! Processes: each role in one of its own, and how they end.

#[cfg(test)]
#[path = "serve/cache.rs"]
mod cache;
#[cfg(test)]
#[path = "serve/forgetting.rs"]
mod forgetting;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "serve/refused.rs"]
mod refused;
#[cfg(test)]
#[path = "serve/rights.rs"]
mod rights;
#[cfg(test)]
#[path = "serve/roles.rs"]
mod roles;
#[cfg(test)]
#[path = "serve/shutdown.rs"]
mod shutdown;

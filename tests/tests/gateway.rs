//! The roles behind the nginx of `deploy/nginx`, over TLS.

#[cfg(test)]
#[path = "gateway/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "gateway/nginx.rs"]
mod nginx;
#[cfg(test)]
#[path = "gateway/passing.rs"]
mod passing;
#[cfg(test)]
#[path = "gateway/site.rs"]
mod site;
#[cfg(test)]
#[path = "gateway/tls.rs"]
mod tls;
#[cfg(test)]
#[path = "gateway/trading.rs"]
mod trading;

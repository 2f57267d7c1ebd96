//! How often one client may ask.
//!
//! Limits: 100 requests a minute by default for each address, and as many for each person, from
//! whatever addresses; all of them may come at once. A route may have a limit of its own, for each
//! person, or for each address that names nobody. An IPv6 client is its /64 network. Processes with a
//! cache count together.

mod address;
mod allowance;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

use axum::http::Method;
use events_schema::ids::PersonId;
use storage::cache::SharedCache;

pub(crate) use self::address::client_address;
use self::allowance::Allowance;
use crate::problem::{Code, Problem};
use crate::token::Caller;

/// So many requests a minute of one client to one route: `POST /orders=20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteLimit {
    pub method: Method,
    /// As it is declared: `/orders/{order_id}/cancel`.
    pub route: String,
    pub per_minute: NonZeroU32,
}

/// The text is not `METHOD /route=N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a method, a route and how often a minute, such as `POST /orders=20`")]
pub struct Malformed;

impl FromStr for RouteLimit {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (called, per_minute) = text.rsplit_once('=').ok_or(Malformed)?;
        let (method, route) = called.split_once(' ').ok_or(Malformed)?;
        let method = method.parse().map_err(|_| Malformed)?;
        let is_known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        if !is_known.contains(&method) || !route.starts_with('/') {
            return Err(Malformed);
        }
        let per_minute = per_minute.parse().map_err(|_| Malformed)?;
        Ok(Self { method, route: route.to_owned(), per_minute })
    }
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Person(PersonId),
    /// Those for whom there is no room.
    AnyOther,
}

impl Who {
    fn of_address(address: IpAddr) -> Self {
        Self::Address(address::network(address))
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Person(person_id) => write!(f, "{person_id}"),
            Self::AnyOther => f.write_str("other"),
        }
    }
}

/// The address of a client whose requests are counted. A request without it is this process's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

/// Every allowance of this process.
#[derive(Debug)]
pub(crate) struct Limits {
    all: Option<Allowance>,
    routes: HashMap<(Method, String), Allowance>,
}

impl Limits {
    /// 0 requests a minute are no limit.
    pub(crate) fn new(
        requests_per_minute: u32,
        routes: &[RouteLimit],
        shared: Option<&SharedCache>,
    ) -> Self {
        let allowance =
            |name: String, per_minute| Allowance::new(name, per_minute, shared.cloned());
        let all = NonZeroU32::new(requests_per_minute);
        let routes = routes.iter().map(|limit| {
            let RouteLimit { method, route, per_minute } = limit.clone();
            let name = format!("{method} {route}");
            ((method, route), allowance(name, per_minute))
        });
        Self {
            all: all.map(|per_minute| allowance("all".to_owned(), per_minute)),
            routes: routes.collect(),
        }
    }

    /// Uses up one request of the address.
    pub(crate) async fn admit(&self, Client(address): Client) -> Result<(), Problem> {
        let Some(all) = &self.all else { return Ok(()) };
        let taken = all.take(Who::of_address(address)).await;
        taken.map_err(|seconds| refused("too many requests from this address", seconds))
    }

    /// Uses up one request of the caller, whose address has been counted, and one of the route.
    pub(crate) async fn admit_to(
        &self,
        (method, route): (&Method, &str),
        Client(address): Client,
        caller: Option<&Caller>,
    ) -> Result<(), Problem> {
        let person = caller.map(|caller| Who::Person(caller.person_id));
        if let (Some(all), Some(person)) = (&self.all, person) {
            let taken = all.take(person).await;
            taken.map_err(|seconds| refused("too many requests of this person", seconds))?;
        }
        if self.routes.is_empty() {
            return Ok(());
        }
        // Whatever answers GET answers HEAD too.
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let Some(own) = self.routes.get(&(method, route.to_owned())) else { return Ok(()) };
        let taken = own.take(person.unwrap_or_else(|| Who::of_address(address))).await;
        taken.map_err(|seconds| refused("too many requests to this route", seconds))
    }
}

fn refused(detail: &str, seconds: u64) -> Problem {
    Problem::new(Code::RateLimited, detail).retry_after(seconds)
}

//! The test's own balancer: each request on a connection of its own, to the processes of a role in
//! turn. Where nobody listens it asks the next; a request that was let in is never repeated.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tests::http::{self, Reply};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any answer may take: what hangs is seen as such.
const HANGS: Duration = Duration::from_secs(45);

/// What came of one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Reply(Reply),
    /// No process of the role listens.
    Nobody,
    /// Let in, and then not answered.
    Broken(String),
}

impl Answer {
    pub(crate) const fn status(&self) -> Option<u16> {
        match self {
            Self::Reply(reply) => Some(reply.status),
            Self::Nobody | Self::Broken(_) => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Gateway(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    roles: Mutex<BTreeMap<&'static str, Vec<SocketAddr>>>,
    turn: AtomicUsize,
}

impl Gateway {
    pub(crate) fn add(&self, role: &'static str, address: SocketAddr) {
        let mut roles = self.0.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.entry(role).or_default().push(address);
    }

    pub(crate) fn remove(&self, role: &'static str, address: SocketAddr) {
        let mut roles = self.0.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.entry(role).or_default().retain(|known| *known != address);
    }

    /// Those of the role, another one first each time.
    fn in_turn(&self, role: &'static str) -> Vec<SocketAddr> {
        let roles = self.0.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = roles.get(role).cloned().unwrap_or_default();
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed);
        if !all.is_empty() {
            let first = turn % all.len();
            all.rotate_left(first);
        }
        all
    }

    pub(crate) async fn send(&self, role: &'static str, request: &[u8]) -> Answer {
        for address in self.in_turn(role) {
            let Ok(stream) = TcpStream::connect(address).await else { continue };
            return match timeout(HANGS, http::converse(stream, request)).await {
                Ok(Ok(reply)) => Answer::Reply(reply),
                Ok(Err(error)) => Answer::Broken(format!("{address}: {error}")),
                Err(_) => Answer::Broken(format!("{address}: no answer within {HANGS:?}")),
            };
        }
        Answer::Nobody
    }
}

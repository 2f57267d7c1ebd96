//! Connections: accepted, timed and, at the end, drained. Plain HTTP/1.1; TLS ends before us.
//!
//! Limits are in [`Config`]. A connection beyond `connections_max` waits in the kernel's queue.

mod body;
mod connection;
mod stream;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::metrics;

/// Limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub connections_max: usize,
    /// From the first byte of a request (or from the accept) to the end of its headers.
    pub header_timeout: Duration,
    /// Between two pieces of a body.
    pub body_frame_timeout: Duration,
    /// From the headers to the end of the body.
    pub body_timeout: Duration,
    /// Between two requests.
    pub idle_timeout: Duration,
    /// How long a client may not read what we write.
    pub write_timeout: Duration,
    pub header_bytes_max: usize,
    pub headers_max: usize,
    /// How long shutdown waits for what is running.
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            header_timeout: Duration::from_secs(5),
            body_frame_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(30),
            header_bytes_max: 16 * 1024,
            headers_max: 64,
            drain_timeout: Duration::from_secs(25),
        }
    }
}

/// The other end was too slow.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client was too slow")]
pub struct TimedOut;

/// What accepting waits after an error that will not pass by itself at once (no file descriptor
/// left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown`: then stops accepting, finishes what is running within
/// `drain_timeout`, and returns. Commands get as long again.
pub async fn serve(listener: TcpListener, app: App, config: Config, shutdown: CancellationToken) {
    let connections = TaskTracker::new();
    let abandon = CancellationToken::new();
    let slots = Arc::new(Semaphore::new(config.connections_max));
    let commands = app.edge().commands().clone();
    connections.spawn(shutdown.clone().run_until_cancelled_owned(metrics::upkeep()));
    let lives = connection::Lives { app, config, shutdown: shutdown.clone(), abandon };
    let serve = |stream, slot: OwnedSemaphorePermit| {
        let served = lives.clone().serve(stream);
        connections.spawn(async move {
            served.await;
            drop(slot);
        });
    };
    while let Some((stream, slot)) = next(&listener, &slots, &shutdown).await {
        serve(stream, slot);
    }
    for stream in let_in(listener) {
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { break };
        serve(stream, slot);
    }
    connections.close();
    if tokio::time::timeout(config.drain_timeout, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections cut at shutdown");
        lives.abandon.cancel();
        connections.wait().await;
    }
    commands.close();
    if tokio::time::timeout(config.drain_timeout, commands.wait()).await.is_err() {
        tracing::error!(commands = commands.len(), "commands still running at shutdown");
    }
}

/// The next connection and its slot; `None` at shutdown.
async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let accepted = async {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((stream, slot)),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = shutdown.cancelled() => None,
        accepted = accepted => accepted,
    }
}

/// Whom the kernel has let in already, in our name. The kernel itself is asked: tokio knows only
/// what it was told when it last looked. The listener is closed when the last one was taken.
fn let_in(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let mut listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        loop {
            match listener.as_ref()?.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true).ok()?;
                    return TcpStream::from_std(stream).ok();
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(_) => listener = None,
            }
        }
    })
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
#[path = "server/tests.rs"]
mod tests;

//! One connection, from its accept to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Request, Response};
use futures::task::AtomicWaker;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use metrics::gauge;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::body::{Served, Timed};
use super::stream::TimedStream;
use crate::app::App;
use crate::stack::Peer;

/// How long shutdown waits for a request that was sent, and only not been read yet.
const UNREAD_REQUEST_GRACE: Duration = Duration::from_millis(250);

/// What all connections share.
#[derive(Clone)]
pub(super) struct Lives {
    pub(super) app: App,
    pub(super) config: Config,
    pub(super) shutdown: CancellationToken,
    /// Cuts what did not finish in time.
    pub(super) abandon: CancellationToken,
}

impl Lives {
    pub(super) async fn serve(self, stream: TcpStream) {
        let Ok(peer) = stream.peer_addr() else { return };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection sends in blocks");
        }
        gauge!("http_connections").increment(1);
        self.until_the_end(stream, Peer(peer.ip())).await;
        gauge!("http_connections").decrement(1);
    }

    async fn until_the_end(self, stream: TcpStream, peer: Peer) {
        let Self { app, config, shutdown, abandon } = self;
        let serving = Serving::default();
        let current = serving.clone();
        let ending = shutdown.clone();
        let stream = TokioIo::new(TimedStream::new(stream, serving.clone(), config));
        let service = service_fn(move |request| {
            let answered = answer(app.clone(), request, peer, serving.begin(), config);
            last_once(ending.clone(), answered)
        });
        let mut builder = http1::Builder::new();
        builder
            .header_read_timeout(None)
            .max_header_size(config.header_bytes_max)
            .max_headers(config.headers_max);
        let mut connection = pin!(builder.serve_connection(stream, service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                let grace = if current.on() { Duration::ZERO } else { UNREAD_REQUEST_GRACE };
                match tokio::time::timeout(grace, connection.as_mut()).await {
                    Ok(ended) => ended,
                    Err(_) => {
                        connection.as_mut().graceful_shutdown();
                        tokio::select! {
                            ended = connection.as_mut() => ended,
                            () = abandon.cancelled() => Ok(()),
                        }
                    }
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended early");
        }
    }
}

async fn answer(
    app: App,
    request: Request<Incoming>,
    peer: Peer,
    serving: BeingServed,
    config: Config,
) -> Result<Response<Served>, Infallible> {
    let mut request = request.map(|body| Body::new(Timed::new(body, config)));
    request.extensions_mut().insert(peer);
    Ok(app.answer(request).await.map(|body| Served::new(body, serving)))
}

/// Once we are ending, an answer says that it is the connection's last.
async fn last_once(
    ending: CancellationToken,
    answered: impl Future<Output = Result<Response<Served>, Infallible>>,
) -> Result<Response<Served>, Infallible> {
    let mut answer = answered.await?;
    if ending.is_cancelled() {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer)
}

/// Whether a request is being answered, which is when its headers are no longer waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Serving(Arc<State>);

#[derive(Debug, Default)]
struct State {
    on: AtomicBool,
    ended: AtomicBool,
    reader: AtomicWaker,
}

impl Serving {
    /// Asked by the reader, who is woken when it ends.
    pub(super) fn is_on(&self, context: &Context<'_>) -> bool {
        self.0.reader.register(context.waker());
        self.on()
    }

    fn on(&self) -> bool {
        self.0.on.load(Ordering::Acquire)
    }

    /// Whether a request has been answered since this was last asked.
    pub(super) fn has_ended(&self) -> bool {
        self.0.ended.swap(false, Ordering::AcqRel)
    }

    fn begin(&self) -> BeingServed {
        self.0.on.store(true, Ordering::Release);
        BeingServed(self.clone())
    }
}

/// Ends with the last byte of the answer's body.
#[derive(Debug)]
pub(super) struct BeingServed(Serving);

impl Drop for BeingServed {
    fn drop(&mut self) {
        let State { on, ended, reader, .. } = &*self.0.0;
        ended.store(true, Ordering::Release);
        on.store(false, Ordering::Release);
        reader.wake();
    }
}

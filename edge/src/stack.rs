//! What happens around every request, in this order: request id → trace → log and metrics → headers
//! of the answer → panics caught → rate limit → size of the body → the route's policy and handler.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http_body_util::Limited;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::headers::{REQUEST_ID, RequestId};
use crate::limit::{Client, client_address};
use crate::metrics;
use crate::problem::{Code, Problem};
use crate::state::Edge;
use crate::trace::TraceContext;

/// Who is at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

pub(crate) async fn around(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let id = id.unwrap_or_else(|| RequestId(format!("req_{}", edge.world().uuid().simple())));
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let trace = TraceContext::of(request.headers(), edge.world());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(trace);
    request.extensions_mut().insert(edge.clone());

    let span = span(&id, &trace, (method, route));
    let mut response = caught(admitted(&edge, request, next)).instrument(span.clone()).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = problem.with_request_id(&id.0).body();
    }
    dress(&mut response, &id, route);

    let (status, took) = (response.status().as_u16(), started.elapsed());
    metrics::answered(method, route, status, took);
    let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    span.record("http.status", status);
    span.in_scope(|| tracing::info!(target: "access", duration_us, "request answered"));
    response
}

/// What every log line of the request carries. An error's span, so that no filter leaves it out of
/// the lines that it lets pass.
fn span(id: &RequestId, trace: &TraceContext, (method, route): (&str, &str)) -> Span {
    tracing::error_span!(
        "request",
        request.id = id.0,
        trace.id = %format_args!("{:032x}", trace.trace_id),
        trace.span_id = %format_args!("{:016x}", trace.span_id),
        trace.parent_id = trace.parent_id.map(|id| format!("{id:016x}")),
        trace.sampled = trace.sampled,
        http.method = method,
        http.route = route,
        http.status = Empty,
    )
}

async fn caught(answer: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("request handler panicked");
        Problem::internal().into_response()
    })
}

async fn admitted(edge: &Edge, mut request: Request, next: Next) -> Response {
    // A request that came over no connection is this process's own.
    if let Some(Peer(peer)) = request.extensions().get() {
        let proxies = edge.config().trusted_proxies;
        let client = Client(client_address(request.headers(), *peer, proxies));
        if let Err(problem) = edge.limits().admit(client).await {
            return problem.into_response();
        }
        request.extensions_mut().insert(client);
    }
    let bytes_max = edge.config().body_bytes_max;
    if u64::try_from(bytes_max).is_ok_and(|max| request.body().size_hint().lower() > max) {
        let detail = format!("the body has more than {bytes_max} bytes");
        return Problem::new(Code::BodyTooLarge, detail).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, bytes_max)))).await
}

/// A label of its own for each known method only: clients may make up others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; frame-ancestors 'none'";

fn dress(response: &mut Response, id: &RequestId, route: &str) {
    let policy = if route.starts_with("/docs") { DOCS_POLICY } else { API_POLICY };
    let headers = response.headers_mut();
    for (name, text) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(text));
    }
    if let Some(value) = id.value() {
        headers.insert(REQUEST_ID, value);
    }
}

//! `/health/live`, `/health/ready`, `/metrics`: what those ask who run the process.
//!
//! Limits: a check that has not answered after 2 s has failed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use futures::future::{BoxFuture, FutureExt, join_all};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa_axum::routes;

use crate::policy::{Policy, Routes};
use crate::state::Edge;

const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Finding> + Send + Sync>;

/// What a check saw. Everybody can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    Well(String),
    /// It serves all the same, though not as well as it should.
    Degraded(String),
    /// Requests would fail.
    Failed(String),
}

impl From<Result<String, String>> for Finding {
    fn from(seen: Result<String, String>) -> Self {
        seen.map_or_else(Self::Failed, Self::Well)
    }
}

/// What must be well for this process to be of use, by name.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Check)>,
}

impl Health {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn check<F>(
        mut self,
        name: &'static str,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output: Into<Finding>> + Send + 'static,
    {
        self.checks.push((name, Arc::new(move || check().map(Into::into).boxed())));
        self
    }

    async fn report(&self) -> Report {
        let looks = self.checks.iter().map(|(name, check)| look(name, check()));
        let mut report = Report { ready: true, degraded: vec![], checks: vec![] };
        for (name, finding) in join_all(looks).await {
            let (ok, detail) = match finding {
                Finding::Well(detail) => (true, detail),
                Finding::Degraded(detail) => {
                    report.degraded.push(format!("{name}: {detail}"));
                    (true, detail)
                }
                Finding::Failed(detail) => (false, detail),
            };
            report.ready &= ok;
            report.checks.push(Outcome { name, ok, detail });
        }
        report
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks.iter().map(|(name, _)| name)).finish()
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Report {
    /// Whether it can serve.
    ready: bool,
    /// What is not as it should be and keeps nobody from being served: the check's name and what it
    /// saw.
    degraded: Vec<String>,
    checks: Vec<Outcome>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Outcome {
    name: &'static str,
    ok: bool,
    detail: String,
}

async fn look(name: &'static str, check: BoxFuture<'static, Finding>) -> (&'static str, Finding) {
    let seen = tokio::time::timeout(CHECK_TIMEOUT, check).await;
    let late = |_| Finding::Failed(format!("no answer within {} s", CHECK_TIMEOUT.as_secs()));
    (name, seen.unwrap_or_else(late))
}

#[derive(Clone)]
struct Probes {
    health: Health,
    metrics: PrometheusHandle,
}

pub(crate) fn routes(edge: &Edge, health: Health, metrics: PrometheusHandle) -> Routes {
    Routes::new(edge)
        .route(Policy::Public, routes!(live))
        .route(Policy::Public, routes!(ready))
        .route(Policy::Public, routes!(show_metrics))
        .with_state(Probes { health, metrics })
}

/// The process runs. Restart it if this does not answer.
#[utoipa::path(get, path = "/health/live", tag = "operation", responses(
    (status = 200, description = "It runs", body = String, content_type = "text/plain"),
))]
async fn live() -> &'static str {
    "live"
}

/// The process can serve: no check has failed. Send it no traffic otherwise.
///
/// What is degraded is served all the same: documents that are parked answer 503, all others do not.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 200, description = "It can serve, perhaps degraded", body = Report),
    (status = 503, description = "A check failed", body = Report),
))]
async fn ready(State(probes): State<Probes>) -> impl IntoResponse {
    let report = probes.health.report().await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report))
}

/// Metrics in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "All metrics", body = String, content_type = "text/plain"),
))]
async fn show_metrics(State(probes): State<Probes>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], probes.metrics.render())
}

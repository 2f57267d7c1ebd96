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

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

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

    /// Adds a check. It answers what it saw, well or not; everybody can read it.
    #[must_use]
    pub fn check<F>(
        mut self,
        name: &'static str,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<String, String>> + Send + 'static,
    {
        self.checks.push((name, Arc::new(move || check().boxed())));
        self
    }

    async fn report(&self) -> Report {
        let checks = join_all(self.checks.iter().map(|(name, check)| outcome(name, check()))).await;
        Report { ready: checks.iter().all(|check| check.ok), checks }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks.iter().map(|(name, _)| name)).finish()
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Report {
    ready: bool,
    checks: Vec<Outcome>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Outcome {
    name: &'static str,
    ok: bool,
    detail: String,
}

async fn outcome(name: &'static str, check: BoxFuture<'static, Result<String, String>>) -> Outcome {
    let seen = tokio::time::timeout(CHECK_TIMEOUT, check).await;
    let (ok, detail) = match seen {
        Ok(Ok(detail)) => (true, detail),
        Ok(Err(detail)) => (false, detail),
        Err(_) => (false, format!("no answer within {} s", CHECK_TIMEOUT.as_secs())),
    };
    Outcome { name, ok, detail }
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

/// The process can serve: every check is well. Send it no traffic otherwise.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 200, description = "Every check is well", body = Report),
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

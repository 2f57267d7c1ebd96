//! Routes made into what can be served: nothing else is.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use metrics_exporter_prometheus::BuildError;
use tower::ServiceExt;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use crate::health::{self, Health};
use crate::policy::Routes;
use crate::problem::{Code, Problem};
use crate::state::Edge;
use crate::{metrics, openapi, stack};

/// A service with everything around it. Cheap to clone.
#[derive(Clone)]
pub struct App {
    edge: Edge,
    router: Router,
    document: Arc<OpenApi>,
}

impl App {
    /// Adds health, metrics, `/openapi.json`, `/docs` and the stack.
    ///
    /// # Errors
    /// Another recorder of metrics is installed.
    pub fn new(routes: Routes, health: Health, title: &str) -> Result<Self, BuildError> {
        let (edge, router, document) = with_probes(routes, health)?;
        let document = openapi::complete(document, title, env!("CARGO_PKG_VERSION"));
        let docs = SwaggerUi::new("/docs").url("/openapi.json", document.clone());
        let router = router
            .merge(docs)
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(edge.clone(), stack::around));
        Ok(Self { edge, router, document: Arc::new(document) })
    }

    /// What `/openapi.json` says.
    #[must_use]
    pub fn document(&self) -> &OpenApi {
        &self.document
    }

    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Answers one request, without a connection.
    pub async fn answer(&self, request: Request) -> Response {
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(impossible) => match impossible {},
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("edge", &self.edge).finish_non_exhaustive()
    }
}

fn with_probes(routes: Routes, health: Health) -> Result<(Edge, Router, OpenApi), BuildError> {
    let (edge, router, mut document) = routes.into_parts();
    let probes = health::routes(&edge, health, metrics::recorder()?);
    let (_, probe_router, probe_document) = probes.into_parts();
    document.merge(probe_document);
    Ok((edge, router.merge(probe_router), document))
}

async fn not_found(_: Request<Body>) -> Problem {
    Problem::new(Code::NotFound, "nothing stands at this path")
}

async fn method_not_allowed(_: Request<Body>) -> Problem {
    Problem::new(Code::MethodNotAllowed, "this path does not take this method")
}

#[cfg(test)]
#[path = "app/tests.rs"]
mod tests;

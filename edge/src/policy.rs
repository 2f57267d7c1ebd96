//! Who may call what. A route is declared together with its policy, so none can be without one.

use std::collections::BTreeMap;
use std::fmt;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use events_schema::envelope::Role;
use events_schema::time::Timestamp;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::detached::detached;
use crate::limit::Client;
use crate::openapi;
use crate::problem::{Code, Problem};
use crate::state::Edge;
use crate::token::Caller;

/// Who may call a route. Whether a thing is theirs is asked where the thing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody; a token is read if there is one.
    Public,
    /// Whoever has one of these roles.
    AnyOf(&'static [Role]),
}

impl Policy {
    /// Whoever has a token.
    pub const SIGNED_IN: Self = Self::AnyOf(&Role::ALL);
}

/// Routes, each with its policy, and what the OpenAPI document says of them.
pub struct Routes<S = ()> {
    edge: Edge,
    router: OpenApiRouter<S>,
    policies: BTreeMap<(String, String), Policy>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    #[must_use]
    pub fn new(edge: &Edge) -> Self {
        Self { edge: edge.clone(), router: OpenApiRouter::default(), policies: BTreeMap::new() }
    }

    /// Adds what `utoipa_axum::routes!` gives. Two handlers for one method and path are a panic at
    /// start.
    #[must_use]
    pub fn route(mut self, policy: Policy, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, mut paths, methods) = routes;
        for (path, item) in &mut paths.paths {
            for method in openapi::describe(item, policy) {
                self.policies.insert((path.clone(), method.to_owned()), policy);
            }
        }
        let guard = Guard { edge: self.edge.clone(), policy };
        let methods = methods.route_layer(from_fn_with_state(guard, admit));
        Self { router: self.router.routes((schemas, paths, methods)), ..self }
    }

    /// The routes of both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.policies.extend(other.policies);
        Self { router: self.router.merge(other.router), ..self }
    }

    #[must_use]
    pub fn with_state<T>(self, state: S) -> Routes<T> {
        let Self { edge, router, policies } = self;
        Routes { edge, router: router.with_state(state), policies }
    }

    /// Every route: path, method in lower case, policy.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &str, Policy)> {
        self.policies.iter().map(|((path, method), policy)| (&**path, &**method, *policy))
    }

    pub(crate) fn into_parts(self) -> (Edge, Router<S>, OpenApi) {
        let (router, document) = self.router.split_for_parts();
        (self.edge, router, document)
    }
}

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.policies).finish()
    }
}

#[derive(Clone)]
struct Guard {
    edge: Edge,
    policy: Policy,
}

/// Lets the request through to its handler. What may change something runs in a task of its own: a
/// client that hangs up leaves no half command.
async fn admit(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let caller = match guard.caller(&request, guard.edge.world().now()) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = guard.count(&request, caller.as_ref()).await {
        return problem.into_response();
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let answer = detached(guard.edge.commands(), next.run(request)).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

impl Guard {
    /// Uses up one request of the caller and of the route.
    fn count<'a>(
        &'a self,
        request: &'a Request,
        caller: Option<&'a Caller>,
    ) -> impl Future<Output = Result<(), Problem>> + 'a {
        let extensions = request.extensions();
        let (client, path) = (extensions.get::<Client>(), extensions.get::<MatchedPath>());
        let route = (request.method(), path.map_or("", MatchedPath::as_str));
        async move {
            let Some(client) = client else { return Ok(()) };
            self.edge.limits().admit_to(route, *client, caller).await
        }
    }

    fn caller(&self, request: &Request, now: Timestamp) -> Result<Option<Caller>, Problem> {
        let caller = bearer(request)?
            .map(|token| self.edge.keys().verify(token, now))
            .transpose()
            .map_err(|refused| {
                tracing::debug!(%refused, "token refused");
                unauthenticated("the bearer token is not valid, or not any more")
            })?;
        match (self.policy, &caller) {
            (Policy::Public, _) => Ok(caller),
            (Policy::AnyOf(_), None) => Err(unauthenticated("send a bearer token")),
            (Policy::AnyOf(roles), Some(known)) if roles.iter().any(|role| known.has(*role)) => {
                Ok(caller)
            }
            (Policy::AnyOf(_), Some(_)) => {
                Err(Problem::new(Code::Forbidden, "none of your roles may do this"))
            }
        }
    }
}

fn bearer(request: &Request) -> Result<Option<&str>, Problem> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let words = value.to_str().ok().and_then(|text| text.split_once(' '));
    match (words, values.next()) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token)),
        _otherwise => Err(unauthenticated("the Authorization header holds no bearer token")),
    }
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated, detail)
}

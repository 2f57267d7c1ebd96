//! What the OpenAPI document says of every route alike, so that nobody writes it by hand.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Info, OpenApi, PathItem, Ref, RefOr, Response};

use crate::policy::Policy;
use crate::problem::Problem;

const SCHEME: &str = "bearer";

/// Adds the policy and its refusals to each operation; gives the operations' methods.
pub(crate) fn describe(item: &mut PathItem, policy: Policy) -> Vec<&'static str> {
    let operations = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("options", &mut item.options),
        ("head", &mut item.head),
        ("patch", &mut item.patch),
        ("trace", &mut item.trace),
    ];
    let declared = operations.into_iter().filter_map(|(method, operation)| {
        secure(operation.as_mut()?, policy);
        Some(method)
    });
    declared.collect()
}

fn secure(operation: &mut Operation, policy: Policy) {
    let mut refusals = vec![("429", "Too many requests from this address"), ("500", "A bug")];
    match policy {
        Policy::Public => {}
        Policy::AnyOf(roles) => {
            refusals.push(("401", "No valid bearer token"));
            refusals.push(("403", "None of the caller's roles may do this"));
            let scopes: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            operation.security = Some(vec![SecurityRequirement::new(SCHEME, scopes)]);
        }
    }
    for (status, description) in refusals {
        let response = RefOr::T(problem(description));
        operation.responses.responses.entry(status.to_owned()).or_insert(response);
    }
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    Response::builder()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

/// Completes the document of all routes.
pub(crate) fn complete(mut document: OpenApi, title: &str, version: &str) -> OpenApi {
    document.info = Info::new(title, version);
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.extend(Problem::schemas());
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("JWT (EdDSA)".to_owned());
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    document
}

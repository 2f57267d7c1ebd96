//! The stack and the policies as a client meets them.

use axum::http::{Method, StatusCode, header};
use events_schema::envelope::Role;
use events_schema::ids::OrderId;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::routes;

use super::*;
use crate::extract::{Path, Query};
use crate::headers::REQUEST_ID;
use crate::health::Finding;
use crate::json::Json;
use crate::policy::Policy;
use crate::stack::Peer;
use crate::state::Config;
use crate::testing::{bearer, edge};
use crate::token::Caller;

#[utoipa::path(get, path = "/open")]
async fn open(caller: Option<Caller>) -> &'static str {
    if caller.is_some() { "known" } else { "anonymous" }
}

#[utoipa::path(get, path = "/books")]
async fn books(_: Caller) -> &'static str {
    "books"
}

#[utoipa::path(post, path = "/orders/{order_id}")]
async fn order(Path(_): Path<OrderId>, body: Json<Value>) -> String {
    body.value.to_string()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    limit: u8,
}

#[utoipa::path(get, path = "/list")]
async fn list(Query(filter): Query<Filter>) -> String {
    filter.limit.to_string()
}

#[utoipa::path(get, path = "/broken")]
async fn broken() -> &'static str {
    panic!("on purpose, with a secret")
}

fn app(config: Config) -> App {
    let edge = edge(config);
    let routes = Routes::new(&edge)
        .route(Policy::Public, routes!(open))
        .route(Policy::AnyOf(&[Role::Auditor, Role::Admin]), routes!(books))
        .route(Policy::AnyOf(&[Role::Buyer]), routes!(order))
        .route(Policy::Public, routes!(list))
        .route(Policy::Public, routes!(broken));
    let health = Health::new().check("log", || async { Ok("position 7".to_owned()) });
    App::new(routes, health, "test").unwrap()
}

fn get(path: &str) -> Request {
    Request::get(path).body(Body::empty()).unwrap()
}

fn with(mut request: Request, name: header::HeaderName, value: &str) -> Request {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn problem(response: Response) -> (u16, String) {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let id = response.headers()[&REQUEST_ID].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body["request_id"], json!(id));
    assert_eq!(body["status"], json!(status));
    (status, body["code"].as_str().unwrap().to_owned())
}

async fn refused(app: &App, request: Request) -> (u16, String) {
    problem(app.answer(request).await).await
}

#[tokio::test]
async fn an_anonymous_caller_gets_401_and_a_wrong_role_403() {
    let app = app(Config::default());
    assert_eq!(refused(&app, get("/books")).await, (401, "unauthenticated".to_owned()));
    let as_buyer = with(get("/books"), header::AUTHORIZATION, &bearer(app.edge(), &[Role::Buyer]));
    assert_eq!(refused(&app, as_buyer).await, (403, "forbidden".to_owned()));
    let as_auditor = bearer(app.edge(), &[Role::Buyer, Role::Auditor]);
    let answer = app.answer(with(get("/books"), header::AUTHORIZATION, &as_auditor)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let app = app(Config::default());
    assert_eq!(text(app.answer(get("/open")).await).await, "anonymous");
    let known = with(get("/open"), header::AUTHORIZATION, &bearer(app.edge(), &[]));
    assert_eq!(text(app.answer(known).await).await, "known");
    for bad in ["Bearer x", "Basic eDp5", "Bearer", "bearer  "] {
        let request = with(get("/open"), header::AUTHORIZATION, bad);
        assert_eq!(refused(&app, request).await.0, 401, "{bad}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let app = app(Config::default());
    assert_eq!(refused(&app, get("/nowhere")).await, (404, "not_found".to_owned()));
    let post = Request::post("/open").body(Body::empty()).unwrap();
    let answer = app.answer(post).await;
    assert_eq!(answer.headers()[header::ALLOW], "GET,HEAD");
    assert_eq!(problem(answer).await, (405, "method_not_allowed".to_owned()));
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let answer = app(Config::default()).answer(get("/broken")).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = text(answer).await;
    assert!(!body.contains("secret") && body.contains("\"code\":\"internal\""), "{body}");
}

#[tokio::test]
async fn the_request_id_is_the_clients_if_it_is_sane() {
    let app = app(Config::default());
    let answer = app.answer(with(get("/open"), REQUEST_ID, "mine-1")).await;
    assert_eq!(answer.headers()[&REQUEST_ID], "mine-1");
    let answer = app.answer(with(get("/open"), REQUEST_ID, "<b>")).await;
    assert!(answer.headers()[&REQUEST_ID].to_str().unwrap().starts_with("req_"));
}

#[tokio::test]
async fn answers_are_not_sniffed_and_not_stored() {
    let answer = app(Config::default()).answer(get("/open")).await;
    assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert!(answer.headers().contains_key(header::CONTENT_SECURITY_POLICY));
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let app = app(Config { requests_per_minute: 2, ..Config::default() });
    let from_outside = || {
        let mut request = get("/open");
        request.extensions_mut().insert(Peer([192, 0, 2, 1].into()));
        request
    };
    for _ in 0..2 {
        assert_eq!(app.answer(from_outside()).await.status(), StatusCode::OK);
    }
    assert_eq!(app.answer(get("/open")).await.status(), StatusCode::OK, "our own is not counted");
    let answer = app.answer(from_outside()).await;
    let wait: u64 = answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait));
    assert_eq!(problem(answer).await, (429, "rate_limited".to_owned()));
}

fn post(app: &App, path: &str, body: impl Into<Body>) -> Request {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::AUTHORIZATION, bearer(app.edge(), &[Role::Buyer]));
    request.body(body.into()).unwrap()
}

const ORDER: &str = "/orders/ord_00000000000000000000000001";

#[tokio::test]
async fn a_body_may_have_its_limit_and_not_a_byte_more() {
    let app = app(Config { body_bytes_max: 10, ..Config::default() });
    let answer = app.answer(post(&app, ORDER, "\"12345678\"")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let declared = post(&app, ORDER, "\"123456789\"");
    assert_eq!(refused(&app, declared).await, (413, "body_too_large".to_owned()));
    let chunks = futures::stream::iter(["\"12345", "6789\""].map(Ok::<_, std::io::Error>));
    let streamed = post(&app, ORDER, Body::from_stream(chunks));
    assert_eq!(refused(&app, streamed).await, (413, "body_too_large".to_owned()));
}

#[tokio::test]
async fn an_id_of_another_kind_is_a_400() {
    let app = app(Config::default());
    for id in ["lst_00000000000000000000000001", "1", "ord_%00", "ord_zzz"] {
        let request = post(&app, &format!("/orders/{id}"), "1");
        assert_eq!(refused(&app, request).await, (400, "invalid_path".to_owned()), "{id}");
    }
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_a_400() {
    let app = app(Config::default());
    assert_eq!(text(app.answer(get("/list?limit=7")).await).await, "7");
    for query in ["", "limit=x", "limit=1&limit=2", "limit=256", "limit=1&offset=2"] {
        let refused = refused(&app, get(&format!("/list?{query}"))).await;
        assert_eq!(refused, (400, "invalid_query".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn the_document_tells_each_policy_and_its_refusals() {
    let app = app(Config::default());
    let document: Value =
        serde_json::from_str(&text(app.answer(get("/openapi.json")).await).await).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let books = &document["paths"]["/books"]["get"];
    assert_eq!(books["security"], json!([{ "bearer": ["auditor", "admin"] }]));
    for status in ["401", "403", "429", "500"] {
        let content = &books["responses"][status]["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{status}");
    }
    assert!(document["components"]["schemas"]["Problem"]["properties"]["code"].is_object());
    assert!(document["components"]["securitySchemes"]["bearer"].is_object());
    assert!(document["paths"]["/open"]["get"]["security"].is_null());
    assert!(document["paths"]["/health/ready"]["get"].is_object());
}

#[tokio::test]
async fn every_route_of_the_document_has_its_policy() {
    let edge = edge(Config::default());
    let routes: Routes = Routes::new(&edge)
        .route(Policy::Public, routes!(open))
        .merge(Routes::new(&edge).route(Policy::SIGNED_IN, routes!(books)));
    let table: Vec<_> = routes.policies().collect();
    assert_eq!(table, [("/books", "get", Policy::SIGNED_IN), ("/open", "get", Policy::Public)]);
}

#[tokio::test]
async fn the_documentation_is_served_from_here() {
    let app = app(Config::default());
    let answer = app.answer(get("/docs/")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = text(answer).await;
    assert!(page.contains("swagger-ui") && !page.contains("https://"), "{page}");
    let start = text(app.answer(get("/docs/swagger-initializer.js")).await).await;
    assert!(start.contains("/openapi.json") && !start.contains("https://"), "{start}");
    assert_eq!(app.answer(get("/docs/swagger-ui-bundle.js")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn readiness_is_that_of_the_worst_check() {
    let app = app(Config::default());
    assert_eq!(text(app.answer(get("/health/live")).await).await, "live");
    let ready = text(app.answer(get("/health/ready")).await).await;
    assert_eq!(
        ready,
        r#"{"ready":true,"degraded":[],"checks":[{"name":"log","ok":true,"detail":"position 7"}]}"#
    );
    let health = Health::new()
        .check("well", || async { Ok(String::new()) })
        .check("down", || async { Err("no connection".to_owned()) });
    let down = App::new(Routes::new(app.edge()), health, "test").unwrap();
    let answer = down.answer(get("/health/ready")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(text(answer).await.contains(r#""name":"down","ok":false,"detail":"no connection""#));
}

#[tokio::test]
async fn what_is_degraded_serves_and_says_so() {
    let app = app(Config::default());
    let health = Health::new()
        .check("log", || async { Finding::Well("position 7".to_owned()) })
        .check("views", || async { Finding::Degraded("order is behind".to_owned()) });
    let degraded = App::new(Routes::new(app.edge()), health, "test").unwrap();
    let answer = degraded.answer(get("/health/ready")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let report: Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!(report["ready"], true);
    assert_eq!(report["degraded"], json!(["views: order is behind"]));
    assert_eq!(report["checks"][1]["ok"], true);
}

#[tokio::test]
async fn a_check_that_hangs_has_failed() {
    let health = Health::new().check("stuck", std::future::pending::<Finding>);
    let app = App::new(Routes::new(&edge(Config::default())), health, "test").unwrap();
    let answer = app.answer(get("/health/ready")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn requests_are_counted_by_template() {
    let app = app(Config::default());
    app.answer(post(&app, ORDER, "1")).await;
    app.answer(get("/nowhere/at/all")).await;
    let metrics = text(app.answer(get("/metrics")).await).await;
    assert!(metrics.contains(r#"route="/orders/{order_id}""#), "{metrics}");
    assert!(metrics.contains(r#"route="unmatched""#));
    assert!(metrics.contains("http_request_duration_seconds_bucket"));
    assert!(!metrics.contains("nowhere"));
}

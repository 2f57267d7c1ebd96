//! Traces reach a collector, and a collector that is away harms nobody.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use events_schema::envelope::Role;
use jangteo::secrets;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use storage::world::World;
use tests::http;
use tests::person::Person;
use tests::program::{Serving, command, run};
use tests::wait::eventually;
use tokio::net::TcpListener;

use crate::collector::{Collector, attribute};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

fn words(data: &Path) -> [&str; 6] {
    ["dev", "--empty", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]
}

/// Registers a shop in this trace: where its event says it was caused.
async fn register(address: SocketAddr, data: &Path, traceparent: &str) -> String {
    let world = World::system();
    let keys = secrets::token_keys(data, &world).unwrap();
    let person = Person::somebody(&keys, &world, &[Role::Buyer, Role::Auditor]);
    let (bearer, key) = (person.bearer(), world.uuid().to_string());
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", &key),
        ("traceparent", traceparent),
    ];
    let body = r#"{ "seller_kind": "individual", "name": "망원상점" }"#;
    let reply = http::send(address, ("POST", "/sellers"), &headers, body.as_bytes()).await;
    let path = format!("/events/{}", reply.ok()["position"]);
    let event = http::send(address, ("GET", &path), &headers[..1], b"").await;
    event.at("/trace_context")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_collector_sees_the_request_its_command_the_append_and_the_views() {
    let (collector, to) = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut started = command(&words(folder.path()));
    started.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{to}"));
    let served = Serving::spawn(started).await;
    let kept = format!("00-{TRACE}-{CALLER}-01");
    let context = register(served.address, folder.path(), &kept).await;
    let of_view = |span: &Span| attribute(&span.attributes, "view");
    let followed = async || {
        collector
            .spans()
            .iter()
            .any(|span| of_view(span).as_deref() == Some("seller"))
            .then_some(())
    };
    eventually("the view of sellers follows", followed).await;
    let other = "0af7651916cd43dd8448eb211c80319c";
    register(served.address, folder.path(), &format!("00-{other}-{CALLER}-00")).await;
    // What was not sent yet is sent at the end.
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");

    let spans = collector.spans();
    assert!(spans.iter().all(|span| hex(&span.trace_id) != other), "nobody wanted to keep it");
    let in_trace = |span: &&Span| hex(&span.trace_id) == TRACE;
    let named = |name: &str| {
        let found: Vec<_> =
            spans.iter().filter(in_trace).filter(|span| span.name == name).collect();
        let [span] = found[..] else { panic!("{name} in {spans:?}") };
        span
    };
    let (request, executed, append) = (named("POST /sellers"), named("command"), named("append"));
    let views: Vec<_> =
        spans.iter().filter(in_trace).filter(|span| of_view(span).is_some()).collect();
    assert_eq!(spans.iter().filter(in_trace).count(), 3 + views.len(), "{spans:?}");
    for view in views {
        assert_eq!((&*view.name, view.kind()), ("view", SpanKind::Consumer));
        assert_eq!(view.parent_span_id, request.span_id);
        assert_eq!(attribute(&view.attributes, "event.name").as_deref(), Some("seller.registered"));
        assert!(append.start_time_unix_nano <= view.start_time_unix_nano, "{view:?}");
    }
    assert_eq!(hex(&request.parent_span_id), CALLER);
    assert_eq!(executed.parent_span_id, request.span_id);
    assert_eq!(append.parent_span_id, executed.span_id);
    assert_eq!(context, format!("00-{TRACE}-{}-01", hex(&request.span_id)));
    let of_request = |name| attribute(&request.attributes, name);
    assert_eq!(of_request("http.response.status_code").as_deref(), Some("201"));
    assert_eq!(of_request("http.route").as_deref(), Some("/sellers"));
    for (inner, outer) in [(append, executed), (executed, request)] {
        assert!(outer.start_time_unix_nano <= inner.start_time_unix_nano, "{spans:?}");
        assert!(inner.start_time_unix_nano <= inner.end_time_unix_nano, "{spans:?}");
    }
    let names = collector.of_resource("service.name");
    assert!(names.iter().all(|name| name.as_deref() == Some("jangteo")), "{names:?}");
}

#[tokio::test]
async fn a_collector_that_is_away_costs_its_spans_and_nothing_else() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = tempfile::tempdir().unwrap();
    let words = [&words(folder.path())[..], &["--otlp-endpoint", &to]].concat();
    let served = Serving::start(&words).await;
    register(served.address, folder.path(), &format!("00-{TRACE}-{CALLER}-01")).await;
    eventually("the lost spans are counted", async || {
        let metrics = http::send(served.address, ("GET", "/metrics"), &[], b"").await.text();
        metrics.contains("trace_spans_dropped_total{reason=\"collector\"}").then_some(())
    })
    .await;
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(said.matches("traces cannot be exported").count(), 1, "{said}");
    assert!(!said.contains('\u{1b}'), "nobody watches: {said}");
}

/// It lets everybody in and says nothing.
#[tokio::test]
async fn a_collector_that_hangs_holds_up_neither_requests_nor_the_end() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let words = [&words(folder.path())[..], &["--otlp-endpoint", &to]].concat();
    let served = Serving::start(&words).await;
    let begun = Instant::now();
    for _ in 0..20 {
        register(served.address, folder.path(), &format!("00-{TRACE}-{CALLER}-01")).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    served.terminate().await;
    let begun = Instant::now();
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_used_is_named_with_what_else_is_wrong() {
    for endpoint in ["https://collector:4318", "collector:4318", "http://a b"] {
        let words = ["verify", "--log-filter", "storage=loud", "--otlp-endpoint", endpoint];
        let ended = run(&words).await;
        assert_eq!((ended.status, ended.stderr.lines().count()), (2, 2), "{ended:?}");
        for option in ["--log-filter: ", "--otlp-endpoint: "] {
            assert!(ended.stderr.contains(option), "{ended:?}");
        }
    }
}

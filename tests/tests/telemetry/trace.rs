//! The trace of a request goes into the events that it causes.

use serde_json::{Value, json};
use tests::stage::Stage;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// Version, trace, span and flags.
fn words(context: &str) -> [&str; 4] {
    let words: Vec<_> = context.split('-').collect();
    words.try_into().unwrap()
}

/// Registers a shop under these headers: the trace context of its event, as `/events` shows it.
async fn registered(stage: &Stage, traceparent: &[&str]) -> String {
    let (buyer, key) = (stage.a_buyer(), stage.key());
    let body = json!({ "seller_kind": "individual", "name": "망원상점" });
    let mut headers = vec![("idempotency-key", key.as_str())];
    headers.extend(traceparent.iter().map(|text| ("traceparent", *text)));
    let reply = stage.send(Some(&buyer), ("POST", "/sellers"), &headers, &body).await;
    let position = reply.ok()["position"].as_u64().unwrap();
    let recorded = stage.events().await.pop().unwrap();
    assert_eq!(recorded.position.0, position);
    let path = format!("/events/{position}");
    let shown = stage.send(Some(stage.admin()), ("GET", &path), &[], &Value::Null).await.ok();
    assert_eq!(shown["trace_context"].as_str(), recorded.meta.trace_context.as_deref());
    recorded.meta.trace_context.unwrap()
}

#[tokio::test]
async fn an_event_is_in_the_trace_of_its_request() {
    let stage = Stage::embedded().await;
    for flags in ["00", "01"] {
        let sent = format!("00-{TRACE}-{CALLER}-{flags}");
        let context = registered(&stage, &[&sent]).await;
        let [version, trace, span, kept] = words(&context);
        assert_eq!((version, trace, kept), ("00", TRACE, flags));
        assert_ne!(span, CALLER, "the event was caused by the request, not by its caller");
    }
}

#[tokio::test]
async fn a_malformed_trace_is_not_gone_on_with() {
    let stage = Stage::embedded().await;
    let good = format!("00-{TRACE}-{CALLER}-01");
    let bad = ["", "hello", &good.to_uppercase(), &good[..54], &format!("{good}-1")];
    let mut lines: Vec<&[&str]> = bad.iter().map(std::slice::from_ref).collect();
    let twice = [good.as_str(), &good];
    lines.extend([&twice[..], &[]]);
    for traceparent in lines {
        let context = registered(&stage, traceparent).await;
        let [version, trace, span, flags] = words(&context);
        assert_ne!(trace, TRACE, "{traceparent:?}");
        assert_eq!((version, trace.len(), span.len(), flags), ("00", 32, 16, "01"), "{context}");
    }
}

#[tokio::test]
async fn a_repeated_command_stays_in_its_first_trace() {
    let stage = Stage::embedded().await;
    let (buyer, key) = (stage.a_buyer(), stage.key());
    let body = json!({ "seller_kind": "individual", "name": "망원상점" });
    for trace in [TRACE, "00000000000000000000000000000001"] {
        let sent = format!("00-{trace}-{CALLER}-01");
        let headers = [("idempotency-key", key.as_str()), ("traceparent", &sent)];
        let _ = stage.send(Some(&buyer), ("POST", "/sellers"), &headers, &body).await.ok();
    }
    let mut events = stage.events().await;
    events.retain(|event| event.meta.event_type == "seller.registered");
    let contexts: Vec<_> =
        events.into_iter().filter_map(|event| event.meta.trace_context).collect();
    assert_eq!(contexts.len(), 1, "{contexts:?}");
    assert_eq!(words(&contexts[0])[1], TRACE);
}

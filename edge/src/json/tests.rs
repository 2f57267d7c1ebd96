//! Bodies that are read, and the code that each kind of bad body gets.

use axum::http::Method;
use events_schema::ids::OrderId;
use serde::Deserialize;

use super::*;
use crate::state::Config;
use crate::testing::edge;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[expect(dead_code, reason = "only its reading matters")]
    id: Option<OrderId>,
    #[serde(default)]
    lines: Vec<Line>,
    #[expect(dead_code, reason = "only its reading matters")]
    way: Option<Way>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    quantity: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Parcel,
}

fn request(content_type: &str, body: impl Into<Body>) -> Request {
    let request = Request::builder().method(Method::POST).uri("/orders?x=1");
    let mut request = request.header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap();
    request.extensions_mut().insert(edge(Config::default()));
    request
}

async fn read(body: impl Into<Body>) -> Result<Json<Order>, Problem> {
    Json::from_request(request("application/json", body), &()).await
}

async fn refused(body: impl Into<Body>) -> (&'static str, String) {
    let problem = read(body).await.unwrap_err();
    (problem.code(), problem.detail().to_owned())
}

#[tokio::test]
async fn a_good_body_is_read() {
    let order = read(r#"{"lines": [{"quantity": 3}], "way": "parcel"}"#).await.unwrap();
    assert_eq!(order.value.lines[0].quantity, 3);
}

#[tokio::test]
async fn the_fingerprint_is_of_what_was_said_not_of_how() {
    let one = read(r#"{"id": null, "lines": []}"#).await.unwrap().fingerprint;
    let same = read(r#" {"lines":[],"id":null} "#).await.unwrap().fingerprint;
    let other = read(r#"{"lines": [{"quantity": 1}]}"#).await.unwrap().fingerprint;
    assert!(one == same && one != other);
}

#[tokio::test]
async fn only_json_is_read() {
    for bad in ["text/plain", "application/jsonp", "application/json; charset=euc-kr", ""] {
        let result: Result<Json<Order>, _> = Json::from_request(request(bad, "{}"), &()).await;
        assert_eq!(result.unwrap_err().code(), "unsupported_media_type", "{bad}");
    }
    for good in ["application/json", "Application/JSON; charset=utf-8"] {
        let result: Result<Json<Order>, _> = Json::from_request(request(good, "{}"), &()).await;
        assert!(result.is_ok(), "{good}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_unreadable() {
    for bad in ["", "{", "{}{}", "{'a': 1}", "\u{feff}{}", r#"{"id": "\ud800"}"#, "[1e400]"] {
        assert_eq!(refused(bad).await.0, "unreadable_json", "{bad}");
    }
    assert_eq!(refused(&b"{\"id\": \"\xff\"}"[..]).await.0, "unreadable_json");
}

#[tokio::test]
async fn every_mismatch_has_its_code_and_its_path() {
    let cases = [
        (r#"{"role": "admin"}"#, "unknown_field", "role: no such field stands here"),
        (r#"{"lines": [{"quantity": 1, "price": 2}]}"#, "unknown_field", "lines[0].price: no such"),
        (r#"{"lines": [{}]}"#, "missing_field", "lines[0].quantity: is missing"),
        (r#"{"lines": [{"quantity": "1"}]}"#, "wrong_type", "lines[0].quantity: a text stands"),
        (r#"{"lines": [{"quantity": 1.0}]}"#, "wrong_type", "lines[0].quantity: a fraction"),
        (r#"{"lines": [{"quantity": 256}]}"#, "invalid_value", "lines[0].quantity: a number out"),
        (r#"{"lines": [{"quantity": -1}]}"#, "invalid_value", "lines[0].quantity: a number out"),
        (r#"{"lines": [{"quantity": 18446744073709551616}]}"#, "wrong_type", "lines[0].quantity"),
        (r#"{"lines": {}}"#, "wrong_type", "lines: an object stands where a list is expected"),
        (r#"{"lines": [[]]}"#, "", "lines[0]"),
        (r#"{"id": "lst_00000000000000000000000001"}"#, "invalid_value", "id: an id of this kind"),
        (r#"{"way": "pigeon"}"#, "invalid_value", "way: unknown variant `pigeon`"),
        (r#"{"id": null, "id": null}"#, "duplicate_key", "id: stands twice"),
        (r#"[1]"#, "", ""),
        ("7", "wrong_type", "body: a number"),
    ];
    for (body, code, detail) in cases {
        let (found, told) = refused(body).await;
        assert!(found == code || code.is_empty(), "{body}: {found}");
        assert!(told.starts_with(detail), "{body}: {told}");
        for name in ["Order", "Line", "Way", "u8", "struct", "line 1"] {
            assert!(!told.contains(name), "{body} tells {name}: {told}");
        }
    }
}

#[tokio::test]
async fn depth_and_keys_have_limits() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_ne!(refused(nested(127)).await.0, "too_deep");
    assert_eq!(refused(nested(128)).await.0, "too_deep");
    assert_eq!(refused("[".repeat(100_000)).await.0, "too_deep");
    let keys = |count: usize| {
        let members: Vec<_> = (0..count).map(|n| format!("\"k{n}\": 0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(refused(keys(strict::NODES_MAX)).await.0, "unknown_field");
    assert_eq!(refused(keys(strict::NODES_MAX + 1)).await.0, "too_many_keys");
}

#[tokio::test]
async fn a_body_of_many_small_items_does_not_grow_in_memory() {
    let items = format!("[{}0]", "0,".repeat(strict::NODES_MAX));
    assert_eq!(refused(items).await.0, "too_many_keys");
    assert_eq!(refused(format!("[{}0]", "0,".repeat(1_000_000))).await.0, "too_many_keys");
}

#[tokio::test]
async fn a_long_body_is_read_like_a_short_one() {
    let lines = vec![r#"{"quantity": 7}"#; 4_999];
    let body = format!("{{\"lines\": [{}]}}", lines.join(","));
    assert!(body.len() > BYTES_AT_ONCE_MAX);
    assert_eq!(read(body).await.unwrap().value.lines.len(), 4_999);
}

#[tokio::test]
async fn long_names_are_not_told_back_whole() {
    let body = format!("{{\"{}\": 1}}", "n".repeat(10_000));
    assert!(refused(body).await.1.len() < 500);
}

#[tokio::test]
async fn a_command_without_a_body_takes_none() {
    for (body, good) in [("", true), (" {} ", true), ("{\"a\": 1}", false), ("x", false)] {
        let read = NoBody::from_request(request("application/json", body), &()).await;
        assert_eq!(read.is_ok(), good, "{body}");
    }
}

//! Bodies that are not what stands here.

use serde_json::{Value, json};
use tests::http::{self, Reply};
use tests::market::{BICYCLE, purchase, won};
use tests::person::Person;
use tests::stage::Stage;

/// A body, and how it is refused.
pub(crate) type Case = (&'static str, Vec<u8>, u16, &'static str);

async fn post(stage: &Stage, person: &Person, path: &str, body: &[u8]) -> Reply {
    let (bearer, key) = (person.bearer(), stage.key());
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", &key),
        ("content-type", "application/json"),
    ];
    http::send(stage.address, ("POST", path), &headers, body).await
}

fn draft(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body = json!({
        "price": won(10_000),
        "details": { "title": "자전거", "condition": "good", "shipping": won(3_000) },
    });
    change(&mut body);
    body.to_string().into_bytes()
}

fn with_price(price: &str) -> Vec<u8> {
    let text = String::from_utf8(draft(|_| ())).unwrap();
    text.replacen("10000", price, 1).into_bytes()
}

fn with_title(title: &str) -> Vec<u8> {
    draft(|body| body["details"]["title"] = title.into())
}

fn at(latitude: Value, longitude: Value) -> Vec<u8> {
    draft(|body| {
        body["details"]["meeting_point"] =
            json!({ "latitude_microdegrees": latitude, "longitude_microdegrees": longitude });
    })
}

/// Bodies of `POST /products`.
pub(crate) fn cases() -> Vec<Case> {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
    let keys = (0..10_001).map(|n| format!("\"k{n}\":0")).collect::<Vec<_>>().join(",");
    let mut broken = draft(|_| ());
    let place = broken.windows(3).position(|bytes| bytes == "자".as_bytes()).unwrap();
    broken[place + 1] = 0xff;
    let mut surrogate = String::from_utf8(draft(|_| ())).unwrap();
    surrogate = surrogate.replace("자전거", "\\ud800");
    vec![
        ("an unknown field", draft(|b| b["colour"] = "red".into()), 400, "unknown_field"),
        (
            "an unknown field inside",
            draft(|b| b["details"]["colour"] = "red".into()),
            400,
            "unknown_field",
        ),
        ("a text as price", with_price("\"10000\""), 400, "wrong_type"),
        ("a fraction as price", with_price("10000.5"), 400, "wrong_type"),
        ("a whole float as price", with_price("10000.0"), 400, "wrong_type"),
        ("an exponent as price", with_price("1e4"), 400, "wrong_type"),
        ("a price beyond 64 bits", with_price("18446744073709551616"), 400, "wrong_type"),
        ("a price beyond what we count", with_price("18446744073709551615"), 400, "invalid_value"),
        ("a negative price", with_price("-1"), 400, "invalid_value"),
        ("not a number", with_price("NaN"), 400, "unreadable_json"),
        (
            "no price",
            draft(|b| drop(b.as_object_mut().unwrap().remove("price"))),
            400,
            "missing_field",
        ),
        ("a list as title", draft(|b| b["details"]["title"] = json!([])), 400, "wrong_type"),
        ("a place in degrees", at(json!(37.55), json!(126.91)), 400, "wrong_type"),
        (
            "half a place",
            draft(|b| b["details"]["meeting_point"] = json!({})),
            400,
            "missing_field",
        ),
        ("a place beyond the pole", at(json!(90_000_001), json!(0)), 400, "invalid_value"),
        ("a place beyond the globe", at(json!(0), json!(-180_000_001)), 400, "invalid_value"),
        ("no title", with_title(" "), 400, "invalid_value"),
        ("NUL", with_title("자\u{0}전거"), 400, "invalid_value"),
        (
            "a raw NUL",
            with_title("자@거").iter().map(|b| if *b == b'@' { 0 } else { *b }).collect(),
            400,
            "unreadable_json",
        ),
        ("text that runs backwards", with_title("자\u{202e}전거"), 400, "invalid_value"),
        ("an isolate", with_title("자\u{2066}전거"), 400, "invalid_value"),
        ("101 characters", with_title(&"자".repeat(101)), 400, "invalid_value"),
        ("broken UTF-8", broken, 400, "unreadable_json"),
        ("half a surrogate", surrogate.into_bytes(), 400, "unreadable_json"),
        ("128 levels", deep(128), 400, "too_deep"),
        ("100,000 levels", deep(100_000), 400, "too_deep"),
        ("10,001 keys", format!("{{{keys}}}").into_bytes(), 400, "too_many_keys"),
        ("a key twice", br#"{"price":1,"price":2}"#.to_vec(), 400, "duplicate_key"),
        ("half a body", b"{\"price\":".to_vec(), 400, "unreadable_json"),
        ("two bodies", b"{} {}".to_vec(), 400, "unreadable_json"),
        ("a list", b"[]".to_vec(), 400, "wrong_type"),
        ("nothing", vec![], 400, "unreadable_json"),
        ("2 MiB and a byte", vec![b' '; (2 << 20) + 1], 413, "body_too_large"),
    ]
}

#[tokio::test]
async fn a_body_that_is_not_what_stands_here_is_refused_by_name() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    assert_eq!(post(&stage, &shop, "/products", &draft(|_| ())).await.status, 201);
    let head = stage.head().await;
    for (what, body, status, code) in cases() {
        let reply = post(&stage, &shop, "/products", &body).await;
        assert_eq!(
            (reply.status, reply.json()["code"].as_str()),
            (status, Some(code)),
            "{what}: {}",
            reply.text()
        );
        reply.fails(status, code);
    }
    assert_eq!(stage.head().await, head, "nothing was written");
}

#[tokio::test]
async fn amounts_that_overflow_together_are_refused() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let buyer = stage.a_buyer();
    let head = stage.head().await;
    let greatest = i64::MAX.unsigned_abs();
    let refused =
        [purchase(&[(&listing_id, u32::MAX)], 13_000), purchase(&[(&listing_id, 1)], greatest), {
            let mut body = purchase(&[(&listing_id, 1)], greatest);
            let tender = body["tenders"][0].clone();
            body["tenders"] = json!([tender, tender, tender]);
            body
        }];
    for body in refused {
        let reply = stage.post(&buyer, "/orders", body.clone()).await;
        assert!((400..500).contains(&reply.status), "{body}: {}", reply.text());
        reply.fails(reply.status, reply.json()["code"].as_str().unwrap());
    }
    assert_eq!(stage.head().await, head, "nothing was written");
}

#[tokio::test]
async fn a_command_without_a_body_takes_none() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let path = format!("/products/{listing_id}/submit");
    let head = stage.head().await;
    post(&stage, &shop, &path, b"{\"now\":true}").await.fails(400, "body_not_expected");
    assert_eq!(stage.head().await, head);
}

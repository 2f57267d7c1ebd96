//! Paths, queries and headers that are not what stands here.

use serde_json::{Value, json};
use tests::http::{self, Reply};
use tests::market::{BICYCLE, Offer, won};
use tests::stage::Stage;

#[tokio::test]
async fn an_id_of_another_kind_is_refused() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    let listing_id = stage.a_listing(&shop, BICYCLE).await;
    let head = stage.head().await;
    let order_id = listing_id.replace("lst_", "ord_");
    let get = async |path: String| stage.get(stage.admin(), &path).await;
    get(format!("/orders/{listing_id}")).await.fails(400, "invalid_path");
    get(format!("/products/{order_id}")).await.fails(400, "invalid_path");
    get("/products/1".to_owned()).await.fails(400, "invalid_path");
    get("/products/lst_%00".to_owned()).await.fails(400, "invalid_path");
    get("/products/lst_%ff".to_owned()).await.fails(400, "invalid_path");
    get(format!("/products/{}", listing_id.to_uppercase())).await.fails(400, "invalid_path");
    get(format!("/orders/{order_id}")).await.fails(404, "not_found");
    let body = json!({ "price": won(1_000), "details": {
        "title": "자전거", "condition": "good", "shipping": won(0), "category_id": listing_id } });
    stage.post(&shop, "/products", body).await.fails(400, "invalid_value");
    let reason = json!({ "reason": "buyer_changed_mind" });
    let path = format!("/orders/{listing_id}/cancel");
    stage.post(stage.admin(), &path, reason).await.fails(400, "invalid_path");
    assert_eq!(stage.head().await, head, "nothing was written");
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_is_refused() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    for title in ["자전거 하나", "자전거 둘", "자전거 셋"] {
        let _ = stage.a_listing(&shop, Offer { title, ..BICYCLE }).await;
    }
    let page = async |query: &str| stage.get(&shop, &format!("/products?{query}")).await;
    let first = page("limit=1").await;
    let cursor = first.at("/next_cursor");
    let second = page(&format!("limit=1&cursor={cursor}")).await.ok();
    assert_ne!(second["items"][0]["listing_id"], first.ok()["items"][0]["listing_id"]);
    for place in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(bytes).unwrap();
        page(&format!("limit=1&cursor={tampered}")).await.fails(400, "cursor_invalid");
    }
    let long = "A".repeat(3_000);
    for cursor in ["", "x", "%00", &cursor[1..], &long] {
        page(&format!("limit=1&cursor={cursor}")).await.fails(400, "cursor_invalid");
    }
    // A cursor of another list, though it is one of ours.
    let path = format!("limit=1&cursor={cursor}&sort=price_asc");
    page(&path).await.fails(400, "cursor_invalid");
}

#[tokio::test]
async fn a_post_without_a_key_or_with_a_bad_one_is_refused() {
    let stage = Stage::embedded().await;
    let head = stage.head().await;
    let body = json!({ "seller_kind": "individual", "name": "가게" });
    let buyer = stage.a_buyer();
    let post = async |headers: &[(&str, &str)]| {
        stage.send(Some(&buyer), ("POST", "/sellers"), headers, &body).await
    };
    post(&[]).await.fails(400, "idempotency_key_missing");
    let long = "k".repeat(256);
    for key in ["", "two words", "열쇠", &long] {
        post(&[("idempotency-key", key)]).await.fails(400, "invalid_header");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    post(&twice).await.fails(400, "invalid_header");
    assert_eq!(stage.head().await, head, "nothing was written");
}

#[tokio::test]
async fn what_is_not_in_the_interface_is_refused() {
    let stage = Stage::embedded().await;
    let buyer = stage.a_buyer();
    let (bearer, key) = (buyer.bearer(), stage.key());
    let send = async |route, content_type: &str, body: &[u8]| -> Reply {
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", &key),
            ("content-type", content_type),
        ];
        http::send(stage.address, route, &headers, body).await
    };
    let json = "application/json";
    send(("POST", "/sellers"), "text/plain", b"{}").await.fails(415, "unsupported_media_type");
    send(("GET", "/nothing"), json, b"").await.fails(404, "not_found");
    send(("DELETE", "/sellers"), json, b"").await.fails(405, "method_not_allowed");
    send(("GET", "/products?colour=red"), json, b"").await.fails(400, "invalid_query");
    send(("GET", "/products?limit=0"), json, b"").await.fails(400, "invalid_query");
    send(("GET", "/products?limit=1&limit=1"), json, b"").await.fails(400, "invalid_query");
    send(("GET", "/products?q=%ff"), json, b"").await.fails(400, "invalid_query");
    let _ = send(("GET", "/products?q=100%"), json, b"").await.ok();
    let past = "/sellers/sel_01h455vb4pex5vsknk084sn02q/balance?as_of=yesterday";
    stage.get(stage.admin(), past).await.fails(400, "invalid_query");
    let tag = [("if-match", "\"yesterday\"")];
    let path = "/products/lst_01h455vb4pex5vsknk084sn02q/price";
    let body = json!({ "price": won(1_000) });
    let reply = stage.send(Some(stage.admin()), ("PUT", path), &tag, &body).await;
    reply.fails(400, "invalid_header");
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_server_goes_on() {
    let stage = Stage::embedded().await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(64 * 1024));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(500));
    let smuggled = "POST /sellers HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\
                    content-length: 4\r\n\r\nabcd";
    for text in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", &long, &many, smuggled] {
        if let Ok(reply) = http::try_exchange(stage.address, text.as_bytes()).await {
            assert!((400..500).contains(&reply.status), "{}: {text:.40}", reply.status);
        }
    }
    let live = stage.send(None, ("GET", "/health/live"), &[], &Value::Null).await;
    assert_eq!(live.text(), "live");
}

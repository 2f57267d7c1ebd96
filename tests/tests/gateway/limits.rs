//! What nginx itself refuses, and that it says so as our roles do.

use std::time::Instant;

use tests::http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::site::Site;

const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

#[tokio::test]
async fn only_tls_1_3_is_spoken() {
    let site = Site::new(0).await;
    let refused = site.nginx.client.connect_by_1_2(site.nginx.address).await.unwrap_err();
    assert!(refused.to_string().contains("ProtocolVersion"), "{refused}");
    let plain = http::send(site.nginx.address, ("GET", "/products"), &[], b"").await;
    plain.fails(400, "invalid_header");
    let reply = site.nginx.send(("GET", "/products"), &[], b"").await;
    let _ = reply.ok();
    assert!(reply.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_body_is_refused_beyond_two_mebibytes() {
    let site = Site::new(0).await;
    let send =
        async |bytes: usize| site.nginx.send(("POST", "/orders"), &[], &vec![b' '; bytes]).await;
    let too_large = send(BODY_BYTES_MAX + 1).await;
    too_large.fails(413, "body_too_large");
    assert_eq!(too_large.header("x-content-type-options"), "nosniff");
    assert_eq!(too_large.header("cache-control"), "no-store");
    // One that is as large as may be is our role's to judge.
    send(BODY_BYTES_MAX).await.fails(401, "unauthenticated");
}

#[tokio::test]
async fn one_client_may_ask_a_hundred_times_a_minute_and_a_network_is_one_client() {
    let site = Site::new(0).await;
    let started = Instant::now();
    let mut admitted = 0;
    let refused = loop {
        let client = format!("2001:db8::{admitted:x}00:0:0:1");
        let headers = [("x-test-client", client.as_str())];
        let reply = site.nginx.send(("GET", "/policies"), &headers, b"").await;
        if reply.status != 200 {
            break reply;
        }
        admitted += 1;
    };
    refused.fails(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    // Every 600 ms that this took, one more was due.
    let due = 100 + started.elapsed().as_millis() / 600;
    assert!((100..=due).contains(&admitted), "{admitted} of {due}");
    for other in ["2001:db8:0:1::1", "203.0.113.9"] {
        let headers = [("x-test-client", other)];
        let _ = site.nginx.send(("GET", "/policies"), &headers, b"").await.ok();
    }
}

#[tokio::test]
async fn our_roles_see_the_client_and_not_what_it_says_of_itself() {
    let site = Site::new(1).await;
    let ask = async |client, said| {
        let headers = [("x-test-client", client), ("x-forwarded-for", said)];
        site.nginx.send(("GET", "/policies"), &headers, b"").await
    };
    let _ = ask("203.0.113.1", "198.51.100.1").await.ok();
    let refused = ask("203.0.113.1", "198.51.100.2").await;
    refused.fails(429, "rate_limited");
    let _ = ask("203.0.113.2", "198.51.100.1").await.ok();
    let accesses = site.nginx.accesses();
    let refusals = accesses.iter().filter(|access| access["status"] == 429);
    assert!(refusals.clone().all(|access| access["upstream_status"] == "429"), "{accesses:?}");
    assert_eq!(refusals.count(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_with_a_problem() {
    let site = Site::new(0).await;
    let long = "a".repeat(20_000);
    let reply = site.nginx.send(("GET", "/products"), &[("x-long", &long)], b"").await;
    reply.fails(400, "invalid_header");
    let reply = site.nginx.send(("TRACE", "/products"), &[], b"").await;
    reply.fails(405, "method_not_allowed");
    let mut stream = site.nginx.client.connect(site.nginx.address).await.unwrap();
    stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("invalid_header"), "{answer}");
}

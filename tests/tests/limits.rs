//! How much one client may ask for.

use std::time::Instant;

use tests::http::{self, Reply};
use tests::program::Serving;

#[tokio::test]
async fn one_address_may_ask_a_hundred_times_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let served =
        Serving::start(&["dev", "--empty", "--data", data, "--listen", "127.0.0.1:0"]).await;
    let ask = async |headers: &[(&str, &str)]| -> Reply {
        http::send(served.address, ("GET", "/products"), headers, b"").await
    };
    let started = Instant::now();
    let mut admitted = 0;
    let refused = loop {
        let reply = ask(&[]).await;
        if reply.status != 200 {
            break reply;
        }
        admitted += 1;
    };
    refused.fails(429, "rate_limited");
    // Every 600 ms that this took, one more was due.
    let due = 100 + started.elapsed().as_millis() / 600;
    assert!((100..=due).contains(&admitted), "{admitted} of {due}");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Whoever is not believed to be a proxy does not become somebody else by a header.
    let mut statuses = vec![];
    for last in 0..100 {
        let from = format!("203.0.113.{last}");
        statuses.push(ask(&[("x-forwarded-for", &from)]).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

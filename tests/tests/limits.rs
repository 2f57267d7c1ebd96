//! How much one client may ask for.

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
    for number in 1..=100 {
        assert_eq!(ask(&[]).await.status, 200, "request {number}");
    }
    let refused = ask(&[]).await;
    refused.fails(429, "rate_limited");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Whoever is not believed to be a proxy does not become somebody else by a header.
    ask(&[("x-forwarded-for", "203.0.113.7")]).await.fails(429, "rate_limited");
}

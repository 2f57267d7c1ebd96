//! A process whose cache is away.

use std::net::{Ipv4Addr, TcpListener};

use tests::http;
use tests::program::Serving;

#[tokio::test]
async fn a_cache_that_is_away_takes_nothing_out_of_service() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let cache = format!("redis://u:secret@{nobody}?prefix=test");
    let words = ["dev", "--data", data, "--listen", "127.0.0.1:0", "--cache", &cache];
    let limits = ["--requests-per-minute", "20", "--route-limit", "GET /products=5"];
    let served = Serving::start(&[&words[..], &limits].concat()).await;
    let get = async |path| http::send(served.address, ("GET", path), &[], b"").await;
    for _ in 0..5 {
        assert_eq!(get("/products").await.status, 200);
    }
    get("/products").await.fails(429, "rate_limited");
    assert_eq!(get("/products/categories").await.status, 200);
    let ready = get("/health/ready").await;
    let checks = ready.ok()["checks"].clone();
    let of_cache = checks.as_array().unwrap().iter().find(|check| check["name"] == "cache");
    let told = of_cache.unwrap()["detail"].as_str().unwrap();
    assert!(told.starts_with("it does not answer"), "{told}");
    let degraded = ready.ok()["degraded"].to_string();
    assert!(degraded.contains("cache: it does not answer"), "{degraded}");
    let metrics = get("/metrics").await.text();
    for counter in ["rate_limit_cache_failures_total", "cache_failures_total"] {
        let counted = metrics.lines().any(|line| line.starts_with(counter));
        assert!(counted, "{counter}: {metrics}");
    }
    assert!(!ready.text().contains("secret") && !metrics.contains("secret"));
}

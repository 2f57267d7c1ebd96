//! What Prometheus is told.

use serde_json::Value;
use tests::market::BICYCLE;
use tests::stack::Stack;
use tests::stage::Stage;
use tests::wait::eventually;

async fn scraped(stage: &Stage) -> String {
    stage.send(None, ("GET", "/metrics"), &[], &Value::Null).await.text()
}

/// The values of all samples of this name that have these labels.
fn samples(text: &str, name: &str, labels: &[&str]) -> Vec<f64> {
    let of_name = text.lines().filter_map(|line| line.strip_prefix(name));
    let of_name = of_name.filter(|rest| rest.starts_with(['{', ' ']));
    let wanted = of_name.filter(|rest| labels.iter().all(|label| rest.contains(label)));
    wanted.map(|rest| rest.rsplit(' ').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn appends_pools_and_the_process_are_measured() {
    let stage = Stage::on(Stack::Postgres).await;
    let shop = stage.a_seller().await;
    stage.a_listing(&shop, BICYCLE).await;
    let text = eventually("the pool and the process are looked at", async || {
        let text = scraped(&stage).await;
        let measured = ["pool_connections", "process_open_fds"];
        measured.iter().all(|name| !samples(&text, name, &[]).is_empty()).then_some(text)
    })
    .await;
    let batches = samples(&text, "append_batch_commands_count", &[])[0];
    let commands = samples(&text, "append_batch_commands_sum", &[])[0];
    assert!(batches >= 1.0 && commands >= batches, "{commands} in {batches}");
    // This process may run other tests, which count as well.
    assert!(samples(&text, "append_batch_commands_bucket", &["le=\"256\""])[0] >= 1.0);
    assert!(samples(&text, "append_seconds_bucket", &["le=\"+Inf\""])[0] >= 1.0);
    let connections: f64 = ["idle", "in_use"]
        .iter()
        .map(|state| {
            let state = format!("state=\"{state}\"");
            samples(&text, "pool_connections", &["pool=\"event_log\"", &state])[0]
        })
        .sum();
    assert!((1.0..=16.0).contains(&connections), "{connections}");
    assert!(samples(&text, "process_resident_memory_bytes", &[])[0] > 1e6);
    assert!(samples(&text, "process_open_fds", &[])[0] > 3.0);
    assert!(samples(&text, "process_start_time_seconds", &[])[0] > 1.7e9);
    assert_eq!(samples(&text, "process_cpu_seconds_total", &[]).len(), 1);
}

#[tokio::test]
async fn a_client_cannot_make_up_labels() {
    let stage = Stage::embedded().await;
    for number in 0..30 {
        for path in [format!("/nowhere/{number}"), format!("/orders/{number}")] {
            stage.send(None, ("GET", &path), &[], &Value::Null).await;
        }
        let method = format!("METHOD{number}");
        stage.send(None, (&method, "/products"), &[], &Value::Null).await;
    }
    let text = scraped(&stage).await;
    for name in ["http_requests_total", "http_request_duration_seconds_count"] {
        let unmatched = samples(&text, name, &["route=\"unmatched\"", "status=\"404\""]);
        assert!(unmatched.len() == 1 && unmatched[0] >= 30.0, "{unmatched:?}");
        let orders = ["route=\"/orders/{order_id}\"", "method=\"GET\"", "status=\"401\""];
        assert!(samples(&text, name, &orders)[0] >= 30.0);
        let others = ["route=\"/products\"", "method=\"other\"", "status=\"405\""];
        assert!(samples(&text, name, &others)[0] >= 30.0);
    }
    assert!(!text.contains("nowhere") && !text.contains("METHOD"), "{text}");
}

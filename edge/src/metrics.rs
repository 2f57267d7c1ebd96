//! The one recorder of metrics in this process.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics::{counter, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const SECONDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// A batch of the event log holds 1 … 256 commands.
const COMMANDS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Each sample of a histogram is kept until it is summed up.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// Installs the recorder on first use.
///
/// # Errors
/// Somebody else has installed one.
pub fn recorder() -> Result<PrometheusHandle, BuildError> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let durations = Matcher::Suffix("_seconds".to_owned());
    let commands = Matcher::Suffix("_commands".to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(durations, &SECONDS)?
        .set_buckets_for_metric(commands, &COMMANDS)?
        .install_recorder()?;
    Ok(RECORDER.get_or_init(|| handle).clone())
}

/// Sums up what was sampled, for as long as it is polled. Without it memory grows with every request
/// until somebody asks for the metrics.
pub(crate) async fn upkeep() {
    let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        ticks.tick().await;
        if let Some(handle) = RECORDER.get() {
            handle.run_upkeep();
        }
    }
}

/// Counts one answered request. `route` is a template, never a path, so that labels stay few.
pub(crate) fn answered(method: &'static str, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_duration_seconds", &labels).record(took);
}

//! Forgets the idempotency keys whose time is over, for as long as the process runs.

use std::time::Duration;

use storage::event_log::SharedLog;
use tokio_util::sync::CancellationToken;

use crate::problem::Chain;

const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Until `shutdown`.
pub async fn forget_keys(log: SharedLog, shutdown: CancellationToken) {
    let forgetting = async {
        loop {
            forget_all(&log).await;
            tokio::time::sleep(INTERVAL).await;
        }
    };
    shutdown.run_until_cancelled(forgetting).await;
}

async fn forget_all(log: &SharedLog) {
    loop {
        match log.forget_keys().await {
            Ok(0) => return,
            Ok(forgotten) => {
                metrics::counter!("idempotency_keys_forgotten_total").increment(forgotten);
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "keys could not be forgotten");
                return;
            }
        }
    }
}

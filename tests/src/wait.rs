//! Waiting for what must come about.

use std::time::Duration;

use tokio::time::Instant;

/// How long something may take before the test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Servers that start take longer than anything else.
const PATIENCE_WITH_SERVERS: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

/// Asks again until there is an answer.
///
/// # Panics
/// When there is none in time.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, PAUSE, what, ask).await
}

/// Asks again until there is an answer, also while servers start.
///
/// # Panics
/// When there is none in time.
pub async fn patiently<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE_WITH_SERVERS, PAUSE * 10, what, ask).await
}

async fn within<T>(
    patience: Duration,
    pause: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until = Instant::now() + patience;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < until, "never came about: {what}");
        tokio::time::sleep(pause).await;
    }
}

//! Work that outlives the connection that asked for it.

use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::problem::Problem;

/// Runs `work` in a task of its own: a client that hangs up drops only the waiting.
///
/// # Errors
/// The work panicked; the panic is logged and the answer is a 500.
pub async fn detached<T: Send + 'static>(
    tracker: &TaskTracker,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    tracker.spawn(work.in_current_span()).await.map_err(|error| {
        tracing::error!(%error, "request failed");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_caller_that_goes_away_does_not_stop_the_work() {
        let tracker = TaskTracker::new();
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let work = async move {
            begun.send(()).unwrap();
            may_go_on.await.unwrap();
            done.send(()).unwrap();
        };
        tokio::select! {
            _ = detached(&tracker, work) => panic!("the work waits for us"),
            _ = has_begun => {}
        }
        go_on.send(()).unwrap();
        is_done.await.unwrap();
        tracker.close();
        tracker.wait().await;
    }

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        let work = async { panic!("on purpose") };
        let problem = detached::<()>(&TaskTracker::new(), work).await.unwrap_err();
        assert_eq!(problem.code(), "internal");
    }
}

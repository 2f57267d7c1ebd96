//! Callers who wait for one answer before they ask again: as many as asked for, all at once.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio_util::task::TaskTracker;

use super::figure::number;

pub(super) trait Caller: Send + 'static {
    /// One call, up to its answer.
    fn call(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// How many calls were answered, in how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) calls: u64,
    pub(super) elapsed: Duration,
}

impl Tally {
    pub(super) fn per_second(self) -> f64 {
        number(self.calls) / self.elapsed.as_secs_f64()
    }
}

/// Lets them call until the time is up.
pub(super) async fn closed_loop<C: Caller>(
    callers: Vec<C>,
    time: Duration,
) -> anyhow::Result<Tally> {
    let tracker = TaskTracker::new();
    let started = Instant::now();
    let run = |mut caller: C| async move {
        let mut calls = 0_u64;
        while started.elapsed() < time {
            caller.call().await?;
            calls += 1;
        }
        anyhow::Ok(calls)
    };
    let tasks: Vec<_> = callers.into_iter().map(|caller| tracker.spawn(run(caller))).collect();
    let mut calls = 0;
    for task in tasks {
        calls += task.await??;
    }
    Ok(Tally { calls, elapsed: started.elapsed() })
}

//! Gauges of what the process uses, looked at each 5 seconds: its pools, memory, time and files.
//!
//! Process figures come from `/proc` and are left out on systems that have none.

use std::fs;
use std::time::Duration;

use events_schema::time::Timestamp;
use metrics::{counter, gauge};
use tokio_util::sync::CancellationToken;

use crate::stores::Stores;

const INTERVAL: Duration = Duration::from_secs(5);
/// What Linux calls `USER_HZ`, the same on every machine that we build for.
const TICKS_PER_SECOND: u64 = 100;

/// Measures until `shutdown`.
pub(crate) async fn watch(stores: Stores, started: Timestamp, shutdown: CancellationToken) {
    if let Ok(seconds) = u32::try_from(started.as_unix_micros() / 1_000_000) {
        gauge!("process_start_time_seconds").set(seconds);
    }
    let mut ticks = tokio::time::interval(INTERVAL);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        stores.measure();
        // A process may hold thousands of files, each of which is counted.
        if let Err(error) = tokio::task::spawn_blocking(process).await {
            tracing::error!(%error, "process cannot be measured");
        }
    }
}

fn process() {
    if let Some(kibibytes) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(rss) {
        gauge!("process_resident_memory_bytes").set(f64::from(kibibytes) * 1_024.0);
    }
    if let Some(ticks) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu) {
        counter!("process_cpu_seconds_total").absolute(ticks / TICKS_PER_SECOND);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is being read.
        let open = u32::try_from(files.count().saturating_sub(1)).unwrap_or(u32::MAX);
        gauge!("process_open_fds").set(open);
    }
    if let Some(max) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(files_max) {
        gauge!("process_max_fds").set(max);
    }
}

/// Resident memory, in KiB.
fn rss(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Time in the program and in the kernel for it, in ticks.
fn cpu(stat: &str) -> Option<u64> {
    // The name stands in brackets and may hold anything, spaces and brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    user.checked_add(system)
}

fn files_max(limits: &str) -> Option<u32> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 2 0 0 0 321 79 5 6 20 0 9 0 1 2 3";
        assert_eq!(cpu(stat), Some(400));
        assert_eq!(rss("Name:\tx\nVmHWM:\t 9 kB\nVmRSS:\t   5120 kB\n"), Some(5_120));
        assert_eq!(files_max("Limit  Soft\nMax open files   1024   4096  files\n"), Some(1_024));
        assert_eq!((cpu(""), rss(""), files_max("Max open files unlimited")), (None, None, None));
    }
}

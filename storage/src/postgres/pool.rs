//! How busy a pool of connections is, for the metrics.

use deadpool_postgres::Status;

pub(crate) fn measure(status: &Status, pool: &'static str) {
    let in_use = status.size.saturating_sub(status.available);
    // Callers who wait for a connection stand beside the connections that there are.
    for (state, count) in
        [("idle", status.available), ("in_use", in_use), ("waiting", status.waiting)]
    {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("pool_connections", "pool" => pool, "state" => state).set(count);
    }
}

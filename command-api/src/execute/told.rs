//! What the process's own log says of a command: ids alone.

use std::collections::BTreeSet;

use events_schema::stream::StreamId;
use tracing::Level;

use super::Executed;

const TARGET: &str = "command";

/// A line for each command that was executed, with the ids of the trade it belongs to.
pub(super) fn executed(executed: &Executed) {
    if !tracing::enabled!(target: TARGET, Level::INFO) {
        return;
    }
    let streams = &executed.streams;
    tracing::info!(
        target: TARGET,
        position = executed.position.0,
        repeated = executed.repeated,
        listing.id = ids(streams, &["listing", "inventory"]),
        checkout.id = ids(streams, &["checkout"]),
        order.id = ids(streams, &["order", "escrow"]),
        shipment.id = ids(streams, &["shipment"]),
        "command executed"
    );
}

/// Each once, separated by commas; a listing and its stock have the same.
fn ids(streams: &[StreamId], aggregates: &[&str]) -> Option<String> {
    let of_these = streams.iter().filter(|stream| aggregates.contains(&stream.aggregate()));
    let ids = of_these.filter_map(|stream| Some(stream.to_string().split_once('/')?.1.to_owned()));
    let ids: Vec<_> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    (!ids.is_empty()).then(|| ids.join(","))
}

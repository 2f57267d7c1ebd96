//! What the product tells of its work: traces, log lines, metrics.

#[cfg(test)]
#[path = "telemetry/collector.rs"]
mod collector;
#[cfg(test)]
#[path = "telemetry/export.rs"]
mod export;
#[cfg(test)]
#[path = "telemetry/lines.rs"]
mod lines;
#[cfg(test)]
#[path = "telemetry/metrics.rs"]
mod metrics;
#[cfg(test)]
#[path = "telemetry/trace.rs"]
mod trace;

//! Traces, sent to a collector as OTLP over HTTP.
//!
//! A span waits in a queue of 4,096 until it is sent; one more is dropped and counted, so that a
//! collector that is slow or away never holds up a request. What could not be sent is not sent again.

mod layer;

use std::time::Duration;

use metrics::counter;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use storage::world::World;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::layer::Spans;
use super::BoxedLayer;
use crate::output::say;

const QUEUE_MAX: usize = 4_096;
const BATCH_MAX: usize = 512;
/// How long the first span of a batch waits for others.
const GATHER_TIME: Duration = Duration::from_millis(500);
/// One batch, the attempts that the collector asks to be made again included.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The task that sends.
#[derive(Debug)]
pub(super) struct Export {
    closing: CancellationToken,
    tracker: TaskTracker,
}

/// Begins to gather spans and to send them.
///
/// # Errors
/// What is wrong with the address.
pub(super) fn start(endpoint: &str, world: &World) -> Result<(BoxedLayer, Export), String> {
    let exporter = exporter(endpoint)?;
    let (queue, spans) = mpsc::channel(QUEUE_MAX);
    let (closing, tracker) = (CancellationToken::new(), TaskTracker::new());
    tracker.spawn(Sender { exporter, spans, is_away: false }.run(closing.clone()));
    tracker.close();
    Ok((Spans::layer(queue, world.clone()), Export { closing, tracker }))
}

fn exporter(endpoint: &str) -> Result<SpanExporter, String> {
    // A collector stands beside the process and does the rest of the way, with TLS.
    if !endpoint.starts_with("http://") {
        return Err("give http://HOST:PORT of a collector in the same network".to_owned());
    }
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(SEND_TIMEOUT)
        .build()
        .map_err(|error| error.to_string())?;
    let resource = Resource::builder();
    let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let resource = if is_named { resource } else { resource.with_service_name("jangteo") };
    exporter.set_resource(&resource.build());
    Ok(exporter)
}

impl Export {
    /// Takes no more spans and sends those that wait, as long as there is time.
    pub(super) async fn stop(self) {
        self.closing.cancel();
        if timeout(FLUSH_TIMEOUT, self.tracker.wait()).await.is_err() {
            say("the collector does not answer: the last spans were not sent");
        }
    }
}

struct Sender {
    exporter: SpanExporter,
    spans: mpsc::Receiver<SpanData>,
    is_away: bool,
}

impl Sender {
    async fn run(mut self, closing: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while self.gather(&mut batch, &closing).await {
            self.send(std::mem::take(&mut batch)).await;
        }
    }

    /// Fills a batch; whether there is one.
    async fn gather(&mut self, batch: &mut Vec<SpanData>, closing: &CancellationToken) -> bool {
        let mut until = None;
        while batch.len() < BATCH_MAX {
            let room = BATCH_MAX - batch.len();
            tokio::select! {
                biased;
                () = closing.cancelled(), if !self.spans.is_closed() => self.spans.close(),
                count = self.spans.recv_many(batch, room) => {
                    if count == 0 {
                        break;
                    }
                    until = until.or(Some(Instant::now() + GATHER_TIME));
                }
                () = passed(until) => break,
            }
        }
        !batch.is_empty()
    }

    async fn send(&mut self, batch: Vec<SpanData>) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let problem = match timeout(SEND_TIMEOUT, self.exporter.export(batch)).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("no answer within {} s", SEND_TIMEOUT.as_secs())),
        };
        let is_away = problem.is_some();
        match problem {
            None => {
                counter!("trace_spans_exported_total").increment(count);
                if self.is_away {
                    tracing::info!("traces are exported again");
                }
            }
            Some(error) => {
                dropped("collector", count);
                // Once, however long it is away.
                if !self.is_away {
                    tracing::warn!(error, "traces cannot be exported");
                }
            }
        }
        self.is_away = is_away;
    }
}

async fn passed(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Counts spans that nobody will see.
fn dropped(reason: &'static str, count: u64) {
    counter!("trace_spans_dropped_total", "reason" => reason).increment(count);
}

//! What the process tells of its work: log lines on stderr and, where asked for, traces to a
//! collector.

mod json;
#[cfg(feature = "otel")]
mod traces;
mod writer;

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use storage::world::World;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use self::json::Json;
use self::writer::Lines;
use crate::failure::{Failure, both};

#[cfg(feature = "otel")]
const STANDARD_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What is told, and how.
#[derive(Args, Clone, Debug)]
pub struct TelemetryOptions {
    /// Which log lines stand on stderr: `info`, `projector=debug` …
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "JANGTEO_LOG_FILTER",
        default_value = "warn"
    )]
    log_filter: String,

    /// Log lines for people, or one JSON object each
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        env = "JANGTEO_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,

    /// Collector that takes traces as OTLP over HTTP: `http://HOST:4318`
    /// [default: `OTEL_EXPORTER_OTLP_ENDPOINT`, or none]
    #[arg(long, global = true, value_name = "URL", env = "JANGTEO_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Tells until it is stopped.
#[derive(Debug)]
pub struct Telemetry {
    lines: Lines,
    #[cfg(feature = "otel")]
    export: Option<traces::Export>,
}

impl Telemetry {
    /// Begins. Traces are sent on the runtime in which this is called.
    ///
    /// # Errors
    /// All that is wrong with the options, at once.
    pub fn start(options: &TelemetryOptions, world: &World) -> Result<Self, Failure> {
        let filter = EnvFilter::try_new(&options.log_filter)
            .map_err(|error| Failure::configuration(format!("--log-filter: {error}")));
        let lines = Lines::to(std::io::stderr())?;
        let (filter, (traces, telemetry)) = both(filter, Self::traces(options, world, &lines))?;
        let told = match options.log_format {
            LogFormat::Text => fmt::layer().with_ansi(is_in_colour()).with_writer(lines).boxed(),
            LogFormat::Json => fmt::layer()
                .fmt_fields(JsonFields::new())
                .event_format(Json::new(world.clone()))
                .with_writer(lines)
                .boxed(),
        };
        let mut layers: Vec<BoxedLayer> = vec![told.with_filter(filter).boxed()];
        layers.extend(traces);
        Registry::default().with(layers).init();
        Ok(telemetry)
    }

    #[cfg(feature = "otel")]
    fn traces(
        options: &TelemetryOptions,
        world: &World,
        lines: &Lines,
    ) -> Result<(Option<BoxedLayer>, Self), Failure> {
        let lines = lines.clone();
        let standard = || std::env::var(STANDARD_ENDPOINT).ok().filter(|url| !url.is_empty());
        let Some(endpoint) = options.otlp_endpoint.clone().or_else(standard) else {
            return Ok((None, Self { lines, export: None }));
        };
        let (spans, export) = traces::start(&endpoint, world)
            .map_err(|problem| Failure::configuration(format!("--otlp-endpoint: {problem}")))?;
        Ok((Some(spans), Self { lines, export: Some(export) }))
    }

    /// The standard variable may be meant for others on the same machine, the option is for us.
    #[cfg(not(feature = "otel"))]
    fn traces(
        options: &TelemetryOptions,
        _: &World,
        lines: &Lines,
    ) -> Result<(Option<BoxedLayer>, Self), Failure> {
        match options.otlp_endpoint {
            None => Ok((None, Self { lines: lines.clone() })),
            Some(_) => Err(Failure::configuration(
                "--otlp-endpoint: this build sends no traces: build it with the cargo feature `otel`",
            )),
        }
    }

    /// Sends the spans that are left, for at most 5 s, and writes the lines, for at most 1 s.
    pub async fn stop(self) {
        #[cfg(feature = "otel")]
        if let Some(export) = self.export {
            export.stop().await;
        }
        self.lines.flush();
    }
}

/// For somebody who watches, and wants it.
fn is_in_colour() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !unwanted
}

//! `jangteo export`: history as files that other programs read.

mod csv;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use events_schema::envelope::{Payload, Position, Recorded};
use query_api::events::line::Line;
use serde::Serialize;
use storage::event_log::{Filter, READ_MAX};

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output};
use crate::stores::{self, LogOptions};

/// Write the history to files: one NDJSON file, or one CSV file per event type
///
/// In the form in which `GET /events` streams it. Personal data stays sealed. Existing files are
/// replaced.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo export --format ndjson --to ./history
  jangteo export --format csv --to ./history --from 1000 --until 2000")]
pub struct Options {
    #[command(flatten)]
    stores: LogOptions,

    #[arg(long, value_enum, env = "JANGTEO_FORMAT")]
    format: Format,

    /// Folder for the files; made where it is missing
    #[arg(long, value_name = "DIR", env = "JANGTEO_TO")]
    to: PathBuf,

    /// First position
    #[arg(long, value_name = "POSITION", env = "JANGTEO_FROM", default_value_t = 1)]
    from: u64,

    /// Last position [default: the head]
    #[arg(long, value_name = "POSITION", env = "JANGTEO_UNTIL")]
    until: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Ndjson,
    Csv,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Summary {
    events: u64,
    files: Vec<PathBuf>,
}

/// One file, or one per event type.
trait Sink {
    fn write(&mut self, event: &Recorded<Payload>) -> anyhow::Result<()>;

    /// Flushes; the files that were written.
    fn finish(self: Box<Self>) -> anyhow::Result<Vec<PathBuf>>;
}

/// # Errors
/// When the log or the folder cannot be opened, or fails on the way.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let made = fs::create_dir_all(&options.to).map_err(|error| {
        Failure::configuration(format!("--to: cannot make {}: {error}", options.to.display()))
    });
    let (log, ()) = both(stores::log(&options.stores).await, made)?;
    let mut sink: Box<dyn Sink> = match options.format {
        Format::Ndjson => Box::new(Lines::create(options.to.join("events.ndjson"))?),
        Format::Csv => Box::new(csv::Tables::new(options.to)),
    };
    let head = log.head().await?.position;
    let until = options.until.map_or(head, |until| head.min(Position(until)));
    let mut after = Position(options.from.saturating_sub(1));
    let bar = output.progress(until.0.saturating_sub(after.0), "events");
    let mut events = 0;
    while after < until {
        for event in log.read(after, &Filter::default(), READ_MAX).await?.events {
            after = event.position;
            if after > until {
                break;
            }
            sink.write(&event)?;
            events += 1;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let summary = Summary { events, files: sink.finish()? };
    output.answer(&summary, |summary| {
        format!("{} events in {} files", summary.events, summary.files.len())
    })?;
    Ok(Outcome::Well)
}

struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Lines {
    fn create(path: PathBuf) -> std::io::Result<Self> {
        let file = BufWriter::new(File::create(&path)?);
        Ok(Self { path, file })
    }
}

impl Sink for Lines {
    fn write(&mut self, event: &Recorded<Payload>) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.file, &Line::of(event)?)?;
        self.file.write_all(b"\n")?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<Vec<PathBuf>> {
        self.file.flush()?;
        Ok(vec![self.path])
    }
}

//! `jangteo replay`: folds a range of the log through a view, and writes nothing.

use clap::Args;
use events_schema::envelope::Position;
use projector::{history, registry};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output};
use crate::stores::{self, LogOptions};

/// Fold a range of the log through a view and print its documents; writes nothing
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo replay trial_balance
  jangteo replay order --until 5000 --json")]
pub struct Options {
    /// The view's name, such as `order` or `trial_balance`
    #[arg(env = "JANGTEO_VIEW")]
    view: String,

    /// First position
    #[arg(long, value_name = "POSITION", env = "JANGTEO_FROM", default_value_t = 1)]
    from: u64,

    /// Last position [default: the head]
    #[arg(long, value_name = "POSITION", env = "JANGTEO_UNTIL")]
    until: Option<u64>,

    #[command(flatten)]
    stores: LogOptions,
}

#[derive(Serialize)]
struct Replayed<'a> {
    view: &'a str,
    documents: Vec<Document<'a>>,
    /// Documents that an event did not fit, as they were before it.
    poisoned: &'a [String],
}

#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    position: Position,
    body: Option<&'a RawValue>,
}

/// # Errors
/// When there is no such view or the log cannot be read.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let view = options.view.as_str();
    let spec = registry::view(view);
    let spec = spec.ok_or_else(|| Failure::configuration(format!("there is no view {view}")));
    let (spec, log) = both(spec, stores::log(&options.stores).await)?;
    let head = log.head().await?.position;
    let until = options.until.map_or(head, |until| head.min(Position(until)));
    let after = Position(options.from.saturating_sub(1));
    let replayed = history::replay(&log, spec, after, until).await?;
    let documents = replayed.documents.iter().map(|stored| {
        let body = stored.body.as_deref().map(serde_json::from_slice).transpose()?;
        Ok(Document { id: &stored.id, position: stored.position, body })
    });
    let documents = documents.collect::<serde_json::Result<Vec<_>>>()?;
    let poisoned = replayed.poisoned.as_slice();
    output.answer(&Replayed { view, documents, poisoned }, text)?;
    Ok(if poisoned.is_empty() { Outcome::Well } else { Outcome::Findings })
}

fn text(replayed: &Replayed<'_>) -> String {
    let line = |document: &Document<'_>| {
        let body = document.body.map_or("(gone)", RawValue::get);
        format!("{} @{} {body}\n", document.id, document.position)
    };
    replayed.documents.iter().map(line).collect()
}

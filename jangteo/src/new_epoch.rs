//! `jangteo new-epoch`: tells all who read the log that its end may have been lost.

use clap::Args;
use events_schema::envelope::Epoch;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, LogOptions};

/// Begin a new epoch of the event log, after a restore or a fail-over
///
/// Run it once on a log that came back from a backup, or on a standby that was promoted, before any
/// process writes it: what was recorded last may be missing there, and views that are ahead of the
/// log rebuild themselves when they see the new epoch. On PostgreSQL this needs the owner of the
/// tables. Never run it on a log whose old primary may still take commands.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo new-epoch --log postgres://owner@standby/jangteo
  jangteo new-epoch --data ./data")]
pub struct Options {
    #[command(flatten)]
    log: LogOptions,
}

#[derive(Debug, Serialize)]
struct Begun {
    epoch: Epoch,
}

/// # Errors
/// When the log cannot be reached, is missing, or its head is not where its events end.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let epoch = stores::raise_epoch(&options.log).await?;
    output.answer(&Begun { epoch }, |begun| format!("epoch {} has begun", begun.epoch.0))?;
    Ok(Outcome::Well)
}

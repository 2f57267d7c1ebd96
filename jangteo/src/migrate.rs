//! `jangteo migrate`: brings the event log's tables to this program's level.

use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, LogOptions};

/// Create or upgrade the event log's tables
///
/// On PostgreSQL this needs a role that may create tables; the product itself runs as
/// `jangteo_app`, which can neither change nor delete an event.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo migrate --log postgres://owner@localhost/jangteo
  jangteo migrate --data ./data")]
pub struct Options {
    #[command(flatten)]
    stores: LogOptions,
}

#[derive(Debug, Serialize)]
struct Migrated {
    migrated: bool,
}

/// # Errors
/// When the log cannot be reached or a migration fails; nothing is half done.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    stores::migrate(&options.stores).await?;
    output.answer(&Migrated { migrated: true }, |_| "the event log is at this level".to_owned())?;
    Ok(Outcome::Well)
}

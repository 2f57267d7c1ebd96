//! `jangteo migrate`: brings the tables of the event log and of the keys to this program's level.

use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, TableOptions};

/// Create or upgrade the tables of the event log and of the keys
///
/// On PostgreSQL this needs a role that may create tables and roles. The product itself runs as
/// `jangteo_app`, which can neither change nor delete an event, as `jangteo_reader`, which writes
/// nothing, and on the keys, which have a database of their own, as `jangteo_keys`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo migrate --log postgres://owner@localhost/jangteo
  jangteo migrate --log postgres://owner@db/jangteo \\
      --keys postgres://owner@db/jangteo_keys?master=/run/secrets/master
  jangteo migrate --data ./data")]
pub struct Options {
    #[command(flatten)]
    stores: TableOptions,
}

#[derive(Debug, Serialize)]
struct Migrated {
    migrated: bool,
}

/// # Errors
/// When a server cannot be reached or a migration fails; no database is left half done.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    stores::migrate(&options.stores).await?;
    output.answer(&Migrated { migrated: true }, |_| "the tables are at this level".to_owned())?;
    Ok(Outcome::Well)
}

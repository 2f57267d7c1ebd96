//! `jangteo import`: a foreign history, with its own times, as events of ours.

mod olist;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::output::{Outcome, Output};

/// Bring in the history of another marketplace
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Olist(olist::Options),
}

/// # Errors
/// When the source or a store cannot be used.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    match options.source {
        Source::Olist(options) => olist::run(options, output).await,
    }
}

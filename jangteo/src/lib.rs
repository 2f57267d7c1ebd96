//! The command line: all roles in one process, import, replay, verify, export.

pub mod cache;
pub mod cli;
pub mod configuration;
pub mod failure;
pub mod output;
pub mod program;
pub mod secrets;
pub mod service;
pub mod stores;
pub mod telemetry;

mod bootstrap;
mod documents;
mod measure;

pub mod bench;
pub mod dev;
pub mod export;
pub mod import;
pub mod migrate;
pub mod new_epoch;
pub mod parked;
pub mod rebuild;
pub mod replay;
pub mod serve;
pub mod timeline;
pub mod token;
pub mod verify;

use cli::{Cli, Command};
use failure::Failure;
use output::{Outcome, Output};

/// Does what was typed.
///
/// # Errors
/// Why it could not be done.
pub async fn run(cli: Cli) -> Result<Outcome, Failure> {
    let output = Output { json: cli.json };
    match cli.command {
        Command::Dev(options) => dev::run(options, output).await,
        Command::Serve(options) => serve::run(options, output).await,
        Command::Migrate(options) => migrate::run(options, output).await,
        Command::NewEpoch(options) => new_epoch::run(options, output).await,
        Command::Token(options) => token::run(options, output),
        Command::Import(options) => import::run(options, output).await,
        Command::Timeline(options) => timeline::run(options, output).await,
        Command::Replay(options) => replay::run(options, output).await,
        Command::Rebuild(options) => rebuild::run(options, output).await,
        Command::Parked(options) => parked::run(options, output).await,
        Command::Verify(options) => verify::run(options, output).await,
        Command::Export(options) => export::run(options, output).await,
        Command::Bench(options) => bench::run(options, output).await,
    }
}

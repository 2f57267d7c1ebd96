//! The command line: what there is to type, and what it means.

use clap::{Parser, Subcommand};

use crate::telemetry::TelemetryOptions;
use crate::{
    bench, dev, export, import, migrate, new_epoch, parked, rebuild, replay, serve, timeline,
    token, verify,
};

/// jangteo (장터): the backend of a second-hand marketplace that keeps its whole history.
///
/// Exit status: 0 all well, 1 findings, 2 usage or configuration.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// TOML file with values for options; what is typed and the environment come before it
    #[arg(long, global = true, value_name = "FILE", env = "JANGTEO_CONFIG")]
    pub config: Option<std::path::PathBuf>,

    /// Print one JSON object on stdout and nothing else
    #[arg(long, global = true, env = "JANGTEO_JSON")]
    pub json: bool,

    #[command(flatten)]
    pub telemetry: TelemetryOptions,
}

const EXAMPLES: &str = "\
Examples:
  jangteo dev                                    everything in one process, under ./data
  jangteo token --role admin                     a token to call the API with
  jangteo timeline ord_01h455vb4pex5vsknk084sn02q  what happened in one trade
  jangteo import olist ./olist --data ./data     bring in a foreign history
  jangteo verify --data ./data                   recompute everything that is stored";

#[derive(Debug, Subcommand)]
pub enum Command {
    Dev(dev::Options),
    Serve(serve::Options),
    Migrate(migrate::Options),
    NewEpoch(new_epoch::Options),
    Token(token::Options),
    Import(import::Options),
    Timeline(timeline::Options),
    Replay(replay::Options),
    Rebuild(rebuild::Options),
    Parked(parked::Options),
    Verify(verify::Options),
    Export(export::Options),
    Bench(bench::Options),
}

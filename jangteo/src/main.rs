//! The binary `jangteo`.

use std::process::ExitCode;

use clap::Parser;
use jangteo::cli::Cli;
use jangteo::failure::Failure;
use jangteo::output::{Outcome, say};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("JANGTEO_LOG_FILTER");
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended =
        runtime.map_err(Failure::from).and_then(|runtime| runtime.block_on(jangteo::run(cli)));
    match ended {
        Ok(Outcome::Well) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // Whoever reads, as `head` does, has had enough.
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.lines().iter().for_each(|line| say(&format!("jangteo: {line}")));
            ExitCode::from(failure.exit_status())
        }
    }
}

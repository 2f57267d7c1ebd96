//! The binary `jangteo`.

use std::process::ExitCode;

use jangteo::cli::Cli;
use jangteo::configuration;
use jangteo::failure::Failure;
use jangteo::output::{Outcome, say};
use jangteo::telemetry::Telemetry;
use storage::world::World;

fn main() -> ExitCode {
    match configuration::cli().and_then(run) {
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

fn run(cli: Cli) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let telemetry = Telemetry::start(&cli.telemetry, &World::system())?;
        let outcome = jangteo::run(cli).await;
        telemetry.stop().await;
        outcome
    })
}

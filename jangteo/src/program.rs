//! The process: from what was typed to the exit status.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use storage::world::World;

use crate::cli::Cli;
use crate::configuration;
use crate::failure::Failure;
use crate::output::{Outcome, say};
use crate::telemetry::Telemetry;

/// Views allocate much and small: with the system's allocator it took half of their time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Reads the command line, does what it says and tells how that went.
#[must_use]
pub fn main() -> ExitCode {
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
        let outcome = crate::run(cli).await;
        telemetry.stop().await;
        outcome
    })
}

//! `jangteo dev` as a process of its own: how soon it is ready, and what it holds while nobody asks.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::figure::{Figure, Goal};

/// After which a process that serves nobody has come to rest.
const REST: Duration = Duration::from_secs(3);
const READY: &str = "jangteo on http://";

pub(super) async fn figures() -> anyhow::Result<Vec<Figure>> {
    tokio::task::spawn_blocking(measured).await?
}

fn measured() -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let first = Running::start(folder.path())?;
    let first_start = first.ready_after;
    first.stop()?;
    let mut starts = vec![];
    for _ in 0..3 {
        let again = Running::start(folder.path())?;
        starts.push(again.ready_after);
        again.stop()?;
    }
    starts.sort();
    let running = Running::start(folder.path())?;
    std::thread::sleep(REST);
    let megabytes = running.resident_kibibytes()? * 1_024.0 / 1_000_000.0;
    running.stop()?;
    let milliseconds = |took: Duration| took.as_secs_f64() * 1_000.0;
    let median = starts.get(1).copied().context("it was not started")?;
    Ok(vec![
        Figure::new("jangteo dev: first start", milliseconds(first_start), "ms", Goal::None),
        Figure::new("jangteo dev: start", milliseconds(median), "ms", Goal::AtMost(1_000.0)),
        Figure::new("jangteo dev: idle memory", megabytes, "MB", Goal::AtMost(100.0)),
    ])
}

struct Running {
    process: Child,
    ready_after: Duration,
}

impl Running {
    /// Returns once it says that it is ready.
    fn start(data: &Path) -> anyhow::Result<Self> {
        let started = Instant::now();
        let variables = std::env::vars_os().map(|(name, _)| name);
        let ours = variables.filter(|name| name.to_string_lossy().starts_with("JANGTEO_"));
        let mut command = Command::new(std::env::current_exe()?);
        ours.for_each(|name| {
            command.env_remove(name);
        });
        command.arg("dev").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let said = process.stderr.take().context("it has no stderr")?;
        let mut lines = BufReader::new(said).lines();
        let mut told = String::new();
        for line in lines.by_ref() {
            let line = line?;
            if line.contains(READY) {
                let ready_after = started.elapsed();
                // Whatever it says later has to go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { process, ready_after });
            }
            told.push_str(&line);
            told.push('\n');
        }
        process.wait()?;
        bail!("jangteo dev ended: {}", told.trim())
    }

    fn resident_kibibytes(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let words = line.and_then(|line| line.split_whitespace().next());
        Ok(words.context("the kernel does not say")?.parse()?)
    }

    /// As an operator would: it drains and closes its stores.
    fn stop(mut self) -> anyhow::Result<()> {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status()?;
        if !told.success() {
            self.process.kill()?;
        }
        self.process.wait()?;
        Ok(())
    }
}

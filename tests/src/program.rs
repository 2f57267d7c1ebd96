//! The product as a process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::wait::PATIENCE;

/// Beside every test binary of this crate stands the product, built with the same code.
///
/// # Panics
/// When this process does not know where it is.
#[must_use]
pub fn binary() -> PathBuf {
    beside("jangteo-under-test")
}

/// The same as it was before it knew `category.renamed`.
///
/// # Panics
/// As [`binary`].
#[must_use]
pub fn older_binary() -> PathBuf {
    beside("jangteo-older-under-test")
}

fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(Path::parent).unwrap();
    folder.join(name)
}

/// A command with nothing of the environment that it would read.
#[must_use]
pub fn command(words: &[&str]) -> Command {
    command_of(&binary(), words)
}

/// The same of another build of the product.
#[must_use]
pub fn command_of(binary: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JANGTEO_") {
            command.env_remove(name);
        }
    }
    command.args(words).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// What a finished process left.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON object on stdout.
    ///
    /// # Panics
    /// When there is anything else.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        let value: Value = serde_json::from_str(&self.stdout).unwrap();
        assert!(value.is_object(), "{self:?}");
        value
    }

    /// As [`Self::json`], of a command that went well.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    #[track_caller]
    pub fn well(&self) -> Value {
        assert_eq!(self.status, 0, "{self:?}");
        self.json()
    }
}

/// Runs a command to its end.
///
/// # Panics
/// When it does not end in time.
pub async fn run(words: &[&str]) -> Ended {
    finish(command(words)).await
}

/// Runs this command to its end.
///
/// # Panics
/// When it does not end in time.
pub async fn finish(command: Command) -> Ended {
    finish_within(PATIENCE * 2, command).await
}

/// Runs a command that takes long to its end.
///
/// # Panics
/// When it does not end in this time.
pub async fn finish_within(time: Duration, mut command: Command) -> Ended {
    let output = timeout(time, command.output()).await;
    Ended::of(output.expect("it ends in time").unwrap())
}

/// A small foreign history, imported with its views, and the folder's name.
///
/// # Panics
/// When the import fails.
pub async fn imported() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/olist");
    let _ = run(&["import", "olist", source, "--data", &data, "--json"]).await.well();
    (folder, data)
}

/// `jangteo dev` or `serve`, once it says where it listens.
#[derive(Debug)]
pub struct Serving {
    pub address: SocketAddr,
    pub child: Child,
    stderr: BufReader<tokio::process::ChildStderr>,
}

impl Serving {
    /// # Panics
    /// When it ends before it serves.
    pub async fn start(words: &[&str]) -> Self {
        Self::spawn(command(words)).await
    }

    /// # Panics
    /// As [`Self::start`].
    pub async fn spawn(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            let read = timeout(PATIENCE, stderr.read_line(&mut line)).await;
            assert!(read.expect("it starts in time").unwrap() > 0, "it ended: {said}");
            if let Some((_, rest)) = line.split_once(" on http://") {
                let address = rest.split_whitespace().next().unwrap();
                break address.parse().unwrap();
            }
            said.push_str(&line);
        };
        Self { address, child, stderr }
    }

    /// Asks it to stop, as a container's runtime does.
    ///
    /// # Panics
    /// When it does not hear.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Its exit status and what else it said.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut self.stderr, &mut said);
        timeout(PATIENCE, read).await.expect("it ends in time").unwrap();
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").unwrap();
        (status.code(), said)
    }
}

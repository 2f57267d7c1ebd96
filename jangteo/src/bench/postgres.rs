//! Throw-away databases on a cluster that was given, and the distribution's own tools: `psql` moves
//! rows for the floors, `pgbench` inserts and updates them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use storage::world::World;

use crate::failure::Failure;
use crate::output::say;

/// A cluster on which databases can be made.
#[derive(Clone, Debug)]
pub(super) struct Server {
    url: String,
    tools: PathBuf,
}

/// A database of one measurement.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) url: String,
    name: String,
    server: Server,
}

impl Server {
    pub(super) fn new(url: String) -> Result<Self, Failure> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(Failure::configuration("--postgres: starts with postgres://"));
        }
        let missing = "--postgres: pgbench and psql are missing; \
                       Debian has them in the package postgresql";
        let tools = tools().ok_or_else(|| Failure::configuration(missing))?;
        Ok(Self { url, tools })
    }

    /// An empty database, for which the event log's tables were made.
    pub(super) async fn database(&self, world: &World) -> anyhow::Result<Database> {
        let name = format!("jangteo_bench_{}", world.uuid().simple());
        let (before, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (server, _) = before.rsplit_once('/').context("--postgres names no database")?;
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        self.sql(&self.url, &format!("CREATE DATABASE {name}")).await?;
        let database =
            Database { url: format!("{server}/{name}{query}"), name, server: self.clone() };
        storage::event_log::migrate(&database.url).await?;
        Ok(database)
    }

    async fn sql(&self, url: &str, sql: &str) -> anyhow::Result<String> {
        let arguments = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql];
        self.run("psql", arguments.map(OsString::from).into()).await
    }

    async fn run(&self, tool: &'static str, arguments: Vec<OsString>) -> anyhow::Result<String> {
        let path = self.tools.join(tool);
        let ran = tokio::task::spawn_blocking(move || Command::new(path).args(arguments).output());
        let output = ran.await??;
        if !output.status.success() {
            bail!("{tool} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Database {
    pub(super) async fn sql(&self, sql: &str) -> anyhow::Result<String> {
        self.server.sql(&self.url, sql).await
    }

    /// Writes out what is dirty, so that no measurement pays for the one before it.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        self.sql("CHECKPOINT").await.map(drop)
    }

    /// Transactions a second of a script that 32 clients run.
    pub(super) async fn pgbench(
        &self,
        folder: &Path,
        script: &str,
        time: Duration,
    ) -> anyhow::Result<f64> {
        self.settle().await?;
        let file = folder.join("pgbench.sql");
        fs::write(&file, script)?;
        let seconds = time.as_secs().to_string();
        let mut arguments: Vec<OsString> =
            ["-n", "-c", "32", "-j", "2", "-T", &seconds, "-f"].map(OsString::from).into();
        arguments.extend([file.into_os_string(), OsString::from(&self.url)]);
        let printed = self.server.run("pgbench", arguments).await?;
        let tps = printed.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = tps.and_then(|rest| rest.split(' ').next()).context("pgbench printed no tps")?;
        Ok(tps.parse()?)
    }

    /// How long psql needs for a file of statements.
    pub(super) async fn script(&self, script: &Path) -> anyhow::Result<Duration> {
        self.settle().await?;
        let arguments = ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", &self.url, "-f"];
        let mut arguments: Vec<OsString> = arguments.map(OsString::from).into();
        arguments.push(script.into());
        let started = Instant::now();
        self.server.run("psql", arguments).await?;
        Ok(started.elapsed())
    }
}

/// However the measurement ended.
impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropped = Command::new(self.server.tools.join("psql"))
            .args(["-XqAt", "-d", &self.server.url, "-c", &sql])
            .output();
        if !dropped.is_ok_and(|output| output.status.success()) {
            say(&format!("database {} is left behind", self.name));
        }
    }
}

/// Where both tools are: with the newest server that is installed, or on the path.
fn tools() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
        .into_iter()
        .find(|folder| folder.join("pgbench").exists() && folder.join("psql").exists())
}

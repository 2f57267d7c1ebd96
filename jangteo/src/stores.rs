//! Which stores a command uses: one folder for the embedded ones, or a URL each.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use events_schema::envelope::Position;
use projector::Ports;
use projector::progress::{Health, Views};
use storage::bus::tail::TailBus;
use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::keys::SharedKeys;
use storage::search::SharedSearch;
use storage::world::World;
use storage::{documents, event_log, keys, search};

use crate::failure::Failure;
use crate::output::Output;

/// How often the views are asked how far they are.
const POLL: Duration = Duration::from_millis(10);

/// Where everything is kept.
#[derive(Args, Clone, Debug)]
pub struct StoreOptions {
    /// Folder of the embedded stores, the keys and the secrets
    #[arg(long, value_name = "DIR", env = "JANGTEO_DATA", default_value = "./data")]
    pub data: PathBuf,

    /// Event log: `sqlite:PATH` or `postgres://…` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_LOG", hide_env_values = true)]
    pub log: Option<String>,

    /// Documents of the views: `sqlite:PATH` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_DOCUMENTS", hide_env_values = true)]
    pub documents: Option<String>,

    /// Search index: `tantivy:PATH` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_SEARCH", hide_env_values = true)]
    pub search: Option<String>,

    /// Keys of personal data: `sqlite:PATH` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_KEYS", hide_env_values = true)]
    pub keys: Option<String>,
}

impl StoreOptions {
    fn url(&self, given: Option<&String>, scheme: &str, file: &str) -> String {
        let embedded = || format!("{scheme}:{}", self.data.join(file).display());
        given.cloned().unwrap_or_else(embedded)
    }

    #[must_use]
    pub fn log_url(&self) -> String {
        self.url(self.log.as_ref(), "sqlite", "events.db")
    }

    #[must_use]
    pub fn documents_url(&self) -> String {
        self.url(self.documents.as_ref(), "sqlite", "documents.db")
    }

    #[must_use]
    pub fn search_url(&self) -> String {
        self.url(self.search.as_ref(), "tantivy", "search")
    }

    #[must_use]
    pub fn keys_url(&self) -> String {
        self.url(self.keys.as_ref(), "sqlite", "keys.db")
    }
}

/// Every store, opened.
#[derive(Clone, Debug)]
pub struct Stores {
    pub log: SharedLog,
    pub documents: SharedDocuments,
    pub search: SharedSearch,
    pub keys: SharedKeys,
    world: World,
}

impl Stores {
    /// What views are fed from and stored in: the bus is the log's own tail.
    #[must_use]
    pub fn views(&self) -> Ports {
        Ports {
            log: self.log.clone(),
            bus: Arc::new(TailBus::new(self.log.clone())),
            documents: self.documents.clone(),
            search: self.search.clone(),
            world: self.world.clone(),
        }
    }

    /// For commands that write no event, beside a process that does.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_read_only(options: &StoreOptions, world: &World) -> Result<Self, Failure> {
        no_history(options).map_or(Ok(()), Err)?;
        let log = event_log::open_read_only(&options.log_url(), world.clone()).await;
        Self::with(options, world, log).await
    }

    /// # Errors
    /// All that is wrong with the configuration, at once.
    pub async fn open(options: &StoreOptions, world: &World) -> Result<Self, Failure> {
        no_history(options).map_or(Ok(()), Err)?;
        let log = event_log::open(&options.log_url(), world.clone()).await;
        Self::with(options, world, log).await
    }

    async fn with(
        options: &StoreOptions,
        world: &World,
        log: Result<SharedLog, event_log::Error>,
    ) -> Result<Self, Failure> {
        let mut problems = folder_problem(options);
        let documents = documents::open(&options.documents_url()).await;
        let search = search::open(&options.search_url()).await;
        let keys = keys::open(&options.keys_url(), world.clone()).await;
        let log = noted(&mut problems, "--log", log);
        let documents = noted(&mut problems, "--documents", documents);
        let search = noted(&mut problems, "--search", search);
        let keys = noted(&mut problems, "--keys", keys);
        match (log, documents, search, keys) {
            (Some(log), Some(documents), Some(search), Some(keys)) if problems.is_empty() => {
                let world = world.clone();
                Ok(Self { log, documents, search, keys, world })
            }
            _ => Err(Failure::Configuration(problems)),
        }
    }
}

/// Waits until every view has reached `head`.
///
/// # Errors
/// A view has stopped: what it says.
pub async fn caught_up(views: &Views, head: Position, output: Output) -> Result<(), Failure> {
    let bar = output.progress(head.0, "views");
    loop {
        let lowest = views.lowest();
        bar.set_position(lowest.0);
        if lowest >= head {
            bar.finish_and_clear();
            return Ok(());
        }
        for (name, state) in views.states() {
            if let Health::Stopped(reason) = state.health {
                return Err(anyhow::anyhow!("view {name} stopped: {reason}").into());
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The event log alone, to be read.
///
/// # Errors
/// What is wrong with the configuration.
pub async fn log(options: &StoreOptions) -> Result<SharedLog, Failure> {
    no_history(options).map_or(Ok(()), Err)?;
    let world = World::system();
    let opened = event_log::open_read_only(&options.log_url(), world.clone()).await;
    opened.map_err(|error| Failure::configuration(format!("--log: {}", chain(&error))))
}

/// Makes an embedded log that is missing. A server's tables are made by their owner alone.
///
/// # Errors
/// As [`migrate`].
pub async fn prepare(options: &StoreOptions) -> Result<(), Failure> {
    if embedded_log(options).is_some_and(|path| !path.exists()) {
        migrate(options).await?;
    }
    Ok(())
}

fn embedded_log(options: &StoreOptions) -> Option<PathBuf> {
    options.log_url().strip_prefix("sqlite:").map(PathBuf::from)
}

/// Nothing is opened, and nothing made, where there is no history.
fn no_history(options: &StoreOptions) -> Option<Failure> {
    let path = embedded_log(options).filter(|path| !path.exists())?;
    Some(Failure::configuration(format!(
        "--log: there is no history at {}; `jangteo dev`, `jangteo import` and `jangteo migrate` \
         begin one",
        path.display()
    )))
}

/// Brings the log's tables to this program's level, the data folder made where it is missing.
///
/// # Errors
/// What is wrong with the configuration, or a migration that failed; nothing is half done.
pub async fn migrate(options: &StoreOptions) -> Result<(), Failure> {
    let problems = folder_problem(options);
    if !problems.is_empty() {
        return Err(Failure::Configuration(problems));
    }
    event_log::migrate(&options.log_url()).await.map_err(|error| {
        if matches!(error, event_log::Error::Configuration(_)) {
            Failure::configuration(format!("--log: {}", chain(&error)))
        } else {
            error.into()
        }
    })
}

fn folder_problem(options: &StoreOptions) -> Vec<String> {
    let made = fs::create_dir_all(&options.data);
    let problem = |error| format!("--data: cannot make {}: {error}", options.data.display());
    made.err().map(problem).into_iter().collect()
}

fn noted<T, E: std::error::Error>(
    problems: &mut Vec<String>,
    option: &str,
    opened: Result<T, E>,
) -> Option<T> {
    opened.map_err(|error| problems.push(format!("{option}: {}", chain(&error)))).ok()
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

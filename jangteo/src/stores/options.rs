//! What is typed to say where things are kept: one folder for the embedded stores, or a URL each.
//! A command takes the options of the stores that it uses.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;

/// The event log.
#[derive(Args, Clone, Debug)]
pub struct LogOptions {
    /// Folder of the embedded stores, the keys and the secrets
    #[arg(long, value_name = "DIR", env = "JANGTEO_DATA", default_value = "./data")]
    pub data: PathBuf,

    /// Event log: `sqlite:PATH` or `postgres://…` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_LOG", hide_env_values = true)]
    log: Option<String>,
}

/// The event log, and where views are kept.
#[derive(Args, Clone, Debug)]
pub struct ViewOptions {
    #[command(flatten)]
    pub log: LogOptions,

    /// Documents of the views: `sqlite:PATH` or `mongodb://…` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_DOCUMENTS", hide_env_values = true)]
    documents: Option<String>,

    /// Search index: `tantivy:PATH` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_SEARCH", hide_env_values = true)]
    search: Option<String>,
}

/// Every store.
#[derive(Args, Clone, Debug)]
pub struct StoreOptions {
    #[command(flatten)]
    pub views: ViewOptions,

    /// Keys of personal data: `sqlite:PATH` or `postgres://…?master=FILE` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_KEYS", hide_env_values = true)]
    keys: Option<String>,
}

/// The stores whose tables an operator makes.
#[derive(Args, Clone, Debug)]
pub struct TableOptions {
    #[command(flatten)]
    pub log: LogOptions,

    /// Keys of personal data: `sqlite:PATH` or `postgres://…?master=FILE` [default: in the data folder]
    #[arg(long, value_name = "URL", env = "JANGTEO_KEYS", hide_env_values = true)]
    keys: Option<String>,
}

/// How events come to views.
#[derive(Args, Clone, Debug, Default)]
pub struct BusOptions {
    /// Bus from the event log to the views: `tail:` or `kafka://…` [default: tail:]
    #[arg(long, value_name = "URL", env = "JANGTEO_BUS")]
    bus: Option<String>,
}

impl BusOptions {
    #[must_use]
    pub const fn new(bus: Option<String>) -> Self {
        Self { bus }
    }

    /// Whether the log has to be published for it, by a relay.
    #[must_use]
    pub fn needs_relay(&self) -> bool {
        self.place().url.starts_with("kafka:")
    }

    /// What publishes the log for it.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    #[cfg(feature = "kafka")]
    pub async fn publisher(&self) -> Result<storage::bus::kafka::Publisher, Failure> {
        if !self.needs_relay() {
            return Err(Failure::configuration("--role relay needs --bus kafka://…".to_owned()));
        }
        let place = self.place();
        let opened = storage::bus::kafka::Publisher::open(&place.url).await;
        opened.map_err(|error| place.problem(&error))
    }

    pub(super) fn place(&self) -> Place {
        let url = self.bus.clone().unwrap_or_else(|| "tail:".to_owned());
        Place { option: "--bus", url, scheme: "" }
    }
}

/// URLs of stores that are not embedded.
#[derive(Clone, Debug, Default)]
pub struct Urls {
    pub log: Option<String>,
    pub documents: Option<String>,
    pub search: Option<String>,
    pub keys: Option<String>,
}

/// Where one store is kept.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The option that names it.
    pub(super) option: &'static str,
    pub(super) url: String,
    /// The URL's scheme where it is embedded.
    scheme: &'static str,
}

impl Place {
    /// Whether opening it would make it.
    pub(super) fn is_missing(&self) -> bool {
        self.path().is_some_and(|path| !path.exists())
    }

    /// What is wrong with it, in one line with its causes.
    pub(super) fn problem(&self, error: &dyn std::error::Error) -> Failure {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let line = causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"));
        Failure::configuration(format!("{}: {line}", self.option))
    }

    /// Of an embedded store.
    pub(super) fn path(&self) -> Option<&Path> {
        let path = self.url.strip_prefix(self.scheme)?.strip_prefix(':')?;
        Some(Path::new(path.split('?').next().unwrap_or(path)))
    }
}

impl LogOptions {
    fn place(
        &self,
        (option, given): (&'static str, Option<&String>),
        scheme: &'static str,
        file: &str,
    ) -> Place {
        let embedded = || format!("{scheme}:{}", self.data.join(file).display());
        Place { option, url: given.cloned().unwrap_or_else(embedded), scheme }
    }

    pub(super) fn events(&self) -> Place {
        self.place(("--log", self.log.as_ref()), "sqlite", "events.db")
    }

    fn keys(&self, given: Option<&String>) -> Place {
        self.place(("--keys", given), "sqlite", "keys.db")
    }
}

impl ViewOptions {
    pub(super) fn documents(&self) -> Place {
        self.log.place(("--documents", self.documents.as_ref()), "sqlite", "documents.db")
    }

    pub(super) fn search(&self) -> Place {
        self.log.place(("--search", self.search.as_ref()), "tantivy", "search")
    }
}

impl StoreOptions {
    /// All in one folder, but for what is named.
    #[must_use]
    pub fn in_folder(data: &Path, urls: Urls) -> Self {
        let Urls { log, documents, search, keys } = urls;
        let log = LogOptions { data: data.to_owned(), log };
        Self { views: ViewOptions { log, documents, search }, keys }
    }

    #[must_use]
    pub fn data(&self) -> &Path {
        &self.views.log.data
    }

    #[must_use]
    pub const fn of_views(&self) -> &ViewOptions {
        &self.views
    }

    #[must_use]
    pub fn log_url(&self) -> String {
        self.views.log.events().url
    }

    pub(super) fn keys(&self) -> Place {
        self.views.log.keys(self.keys.as_ref())
    }
}

impl TableOptions {
    pub(super) fn keys(&self) -> Place {
        self.log.keys(self.keys.as_ref())
    }
}

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

    /// Documents of the views: `sqlite:PATH` [default: in the data folder]
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
    /// All in one folder, but for the log where another is named.
    #[must_use]
    pub fn in_folder(data: &Path, log: Option<String>) -> Self {
        let log = LogOptions { data: data.to_owned(), log };
        Self { views: ViewOptions { log, documents: None, search: None }, keys: None }
    }

    #[must_use]
    pub fn data(&self) -> &Path {
        &self.views.log.data
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

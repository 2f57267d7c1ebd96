//! Search in tantivy: a folder a generation, in which one process writes and any may read.
//!
//! Entries are guarded by their positions as documents are; a removed entry leaves its id and
//! position. Pages by price, age and distance neither skip nor double under writes. Relevance is
//! relative to the whole index: when that changes between two pages, so may the order.

mod answers;
mod best;
mod positions;
mod query;
mod schema;
mod shelf;
mod suggest;
mod tokens;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::Vacant;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use self::shelf::Shelf;
use super::lexicon::Lexicon;
use super::plan::Plan;
use super::suggest::Typed;
use super::{Entry, Error, Hits, Query, Search, check, highlight};
use crate::access::{Access, READ_ONLY};
use crate::documents::Generation;

/// The most searches at once; more would only share the processors.
const SEARCHES_MAX: usize = 16;

/// The adapter.
#[derive(Debug)]
pub struct Store {
    shelves: Arc<Shelves>,
    searches: Arc<Semaphore>,
}

/// The generations that are open.
#[derive(Debug)]
struct Shelves {
    folder: PathBuf,
    lexicon: Lexicon,
    access: Access,
    open: Mutex<BTreeMap<Generation, Arc<Shelf>>>,
}

impl Store {
    /// Opens the folder, which a writer creates. A file `lexicon.txt` in it adds names to the built-in ones.
    ///
    /// # Errors
    /// [`Error::Configuration`] where it cannot be created, or names contradict each other.
    pub async fn open(folder: PathBuf, access: Access) -> Result<Self, Error> {
        blocking(move || {
            if access == Access::Write {
                fs::create_dir_all(&folder).map_err(|error| {
                    Error::Configuration(format!("{}: {error}", folder.display()))
                })?;
            }
            let own = folder.join("lexicon.txt");
            let lexicon =
                if own.exists() { Lexicon::from_file(&own)? } else { Lexicon::built_in()? };
            let shelves = Arc::new(Shelves { folder, lexicon, access, open: Mutex::default() });
            Ok(Self { shelves, searches: Arc::new(Semaphore::new(SEARCHES_MAX)) })
        })
        .await
    }

    fn writable(&self) -> Result<(), Error> {
        match self.shelves.access {
            Access::Read => Err(Error::Invalid(READ_ONLY)),
            Access::Write => Ok(()),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shelves) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shelves = Arc::clone(&self.shelves);
        blocking(move || work(&shelves)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Unavailable(Box::new(error))))
}

impl Shelves {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Generation, Arc<Shelf>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, generation: Generation) -> PathBuf {
        self.folder.join(format!("g{}", generation.0))
    }

    fn declare(&self, generation: Generation) -> Result<(), Error> {
        let mut open = self.lock();
        if let Vacant(place) = open.entry(generation) {
            place.insert(Arc::new(Shelf::open(&self.folder(generation))?));
        }
        Ok(())
    }

    /// Another process may have declared it.
    fn shelf(&self, generation: Generation) -> Result<Arc<Shelf>, Error> {
        let mut open = self.lock();
        if let Some(shelf) = open.get(&generation) {
            return Ok(Arc::clone(shelf));
        }
        let folder = self.folder(generation);
        if !folder.join(shelf::META).exists() {
            return Err(Error::Invalid("generation was not declared"));
        }
        let shelf = Arc::new(Shelf::open(&folder)?);
        open.insert(generation, Arc::clone(&shelf));
        Ok(shelf)
    }

    fn answered(&self, generation: Generation, query: &Query) -> Option<Hits> {
        let shelf = Arc::clone(self.open.try_lock().ok()?.get(&generation)?);
        shelf.answered(query)
    }

    fn drop_generation(&self, generation: Generation) -> Result<(), Error> {
        if let Some(shelf) = self.lock().remove(&generation) {
            shelf.close()?;
        }
        match fs::remove_dir_all(self.folder(generation)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Unavailable(Box::new(error)))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Search for Store {
    async fn declare(&self, generation: Generation) -> Result<(), Error> {
        self.writable()?;
        self.with(move |shelves| shelves.declare(generation)).await
    }

    async fn put(&self, generation: Generation, entries: Vec<Entry>) -> Result<(), Error> {
        check::entries(&entries)?;
        self.writable()?;
        self.with(move |shelves| shelves.shelf(generation)?.put(entries)).await
    }

    async fn search(&self, generation: Generation, query: &Query) -> Result<Hits, Error> {
        check::query(query)?;
        if let Some(hits) = self.shelves.answered(generation, query) {
            return Ok(hits);
        }
        let permit = Arc::clone(&self.searches).acquire_owned().await;
        let permit = permit.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let query = query.clone();
        self.with(move |shelves| {
            // Held until the work ends, which may be after its caller has gone.
            let _permit = permit;
            shelves.shelf(generation)?.search(&query, &shelves.lexicon)
        })
        .await
    }

    async fn suggest(
        &self,
        generation: Generation,
        typed: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        check::suggestions(typed, limit)?;
        let permit = Arc::clone(&self.searches).acquire_owned().await;
        let permit = permit.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let typed = Typed::of(typed);
        self.with(move |shelves| {
            let _permit = permit;
            let shelf = shelves.shelf(generation)?;
            typed.map_or(Ok(Vec::new()), |typed| shelf.suggest(&typed, limit, &shelves.lexicon))
        })
        .await
    }

    fn highlights(&self, text: &str, title: &str) -> Vec<Range<usize>> {
        highlight::highlights(&Plan::of(text, &self.shelves.lexicon), title)
    }

    async fn scan(
        &self,
        generation: Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        check::scan(limit)?;
        let after = after.map(str::to_owned);
        self.with(move |shelves| shelves.shelf(generation)?.scan(after, limit)).await
    }

    async fn drop_generation(&self, generation: Generation) -> Result<(), Error> {
        self.writable()?;
        self.with(move |shelves| shelves.drop_generation(generation)).await
    }
}

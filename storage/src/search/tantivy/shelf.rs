//! One generation: an index in a folder, its reader and, once something is put, its writer.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::AllQuery;
use tantivy::tokenizer::TokenizerManager;
use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyError, Term,
};

use super::super::lexicon::Lexicon;
use super::super::plan::Plan;
use super::super::suggest::Typed;
use super::super::{Cursor, Entry, Error, FACET_VALUES_MAX, Facet, Hits, Query};
use super::answers::Answers;
use super::best::{Best, Order};
use super::positions;
use super::query;
use super::schema::{self, Names};
use super::suggest;
use super::tokens::Words;

/// Replaced by each commit.
pub(super) const META: &str = "meta.json";
/// The least that a writer takes. An idle process holds it too.
const ARENA_BYTES: usize = 15_000_000;

pub(super) struct Shelf {
    folder: PathBuf,
    names: Names,
    index: Index,
    reader: IndexReader,
    seen: Mutex<Seen>,
    answers: Answers,
    /// Opened by the first put, so that a process that only reads locks nobody out.
    writer: Mutex<Option<IndexWriter>>,
}

/// Which `meta.json` the reader has loaded, and how many before it.
#[derive(Debug, Default)]
struct Seen {
    stamp: Option<Stamp>,
    loads: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("folder", &self.folder).finish()
    }
}

pub(super) fn error(error: TantivyError) -> Error {
    Error::Unavailable(Box::new(error))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let fault = |error: &dyn fmt::Display| {
            Error::Configuration(format!("{}: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(|error| fault(&error))?;
        let names = Names::new();
        let tokenizers = TokenizerManager::default();
        tokenizers.register(schema::WORDS, Words);
        let directory = MmapDirectory::open(folder).map_err(|error| fault(&error))?;
        let index = Index::builder()
            .schema(names.schema().clone())
            .settings(IndexSettings {
                docstore_compress_dedicated_thread: false,
                ..IndexSettings::default()
            })
            .tokenizers(tokenizers)
            .open_or_create(directory)
            .map_err(|error| fault(&error))?;
        // Reloaded by `searcher` alone: two reloads at once could leave the older one in place.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
        let reader = reader.map_err(|error| fault(&error))?;
        Ok(Self {
            folder: folder.to_owned(),
            names,
            index,
            reader,
            seen: Mutex::default(),
            answers: Answers::default(),
            writer: Mutex::default(),
        })
    }

    /// What the last commit left, of whichever process, and the number of that load.
    fn searcher(&self) -> Result<(Searcher, u64), Error> {
        let mut seen = lock(&self.seen);
        let stamp = self.stamp()?;
        if seen.stamp != Some(stamp) {
            self.load(&mut seen, stamp)?;
        }
        Ok((self.reader.searcher(), seen.loads))
    }

    fn load(&self, seen: &mut Seen, stamp: Stamp) -> Result<(), Error> {
        self.reader.reload().map_err(error)?;
        *seen = Seen { stamp: Some(stamp), loads: seen.loads.saturating_add(1) };
        Ok(())
    }

    fn stamp(&self) -> Result<Stamp, Error> {
        let meta = fs::metadata(self.folder.join(META));
        let meta = meta.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let (inode, seconds, nanoseconds) = (meta.ino(), meta.mtime(), meta.mtime_nsec());
        Ok(Stamp { inode, seconds, nanoseconds })
    }

    /// What was answered to this query since the last commit. Never waits: it may be asked on a
    /// thread that serves others.
    pub(super) fn answered(&self, query: &Query) -> Option<Hits> {
        let seen = self.seen.try_lock().ok()?;
        let is_current = self.stamp().is_ok_and(|stamp| seen.stamp == Some(stamp));
        if is_current { self.answers.get(seen.loads, query) } else { None }
    }

    pub(super) fn put(&self, entries: Vec<Entry>) -> Result<(), Error> {
        let mut newest: BTreeMap<String, Entry> = BTreeMap::new();
        for entry in entries {
            match newest.get(&entry.id) {
                Some(other) if other.position >= entry.position => {}
                Some(_) | None => drop(newest.insert(entry.id.clone(), entry)),
            }
        }
        let mut writer = lock(&self.writer);
        let mut open = match writer.take() {
            Some(open) => open,
            None => self.writer()?,
        };
        // A writer that failed half-way is not put back, and its changes are forgotten.
        self.write(&mut open, &newest)?;
        *writer = Some(open);
        Ok(())
    }

    fn writer(&self) -> Result<IndexWriter, Error> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(ARENA_BYTES)
            .build();
        self.index.writer_with_options(options).map_err(error)
    }

    fn write(
        &self,
        writer: &mut IndexWriter,
        entries: &BTreeMap<String, Entry>,
    ) -> Result<(), Error> {
        let stored =
            positions::of(&self.searcher()?.0, &self.names, entries.keys()).map_err(error)?;
        let mut is_changed = false;
        for (entry, stored) in entries.values().zip(stored) {
            if stored.is_some_and(|stored| stored >= entry.position) {
                continue;
            }
            if stored.is_some() {
                writer.delete_term(Term::from_field_text(self.names.id, &entry.id));
            }
            writer.add_document(self.names.document(entry)?).map_err(error)?;
            is_changed = true;
        }
        if is_changed {
            writer.commit().map_err(error)?;
            let stamp = self.stamp()?;
            self.load(&mut lock(&self.seen), stamp)?;
        }
        Ok(())
    }

    pub(super) fn search(&self, query: &Query, lexicon: &Lexicon) -> Result<Hits, Error> {
        let order = Order::Of(query.order());
        let after = query.after.as_ref().map(|Cursor { value, id }| {
            let rank = value.parse().map_err(|_| Error::Invalid("cursor is not of this search"));
            rank.map(|rank: u64| (rank, id.clone()))
        });
        let facets = query.facets.iter().copied().map(Facet::name).collect();
        // One more than asked tells whether there is a next page.
        let limit = query.limit.saturating_add(1);
        let best = Best { order, limit, after: after.transpose()?, near: query.measured(), facets };
        let plan = query.text.as_ref().map(|text| Plan::of(text, lexicon));
        let built = query::build(query, plan.as_ref(), &self.names)?;
        let (searcher, loads) = self.searcher()?;
        let mut matches = searcher.search(built.as_ref(), &best).map_err(error)?;
        let has_next = matches.first.len() > query.limit;
        matches.first.truncate(query.limit);
        let next = matches.first.last().filter(|_| has_next);
        let next = next.map(|last| Cursor { value: last.rank.to_string(), id: last.id.clone() });
        let counts = matches.counts.into_iter().map(most_frequent);
        let hits = Hits {
            next,
            ids: matches.first.into_iter().map(|found| found.id).collect(),
            total: matches.total,
            facets: query.facets.iter().copied().zip(counts).collect(),
        };
        self.answers.keep(loads, query, &hits);
        Ok(hits)
    }

    pub(super) fn suggest(
        &self,
        typed: &Typed,
        limit: usize,
        lexicon: &Lexicon,
    ) -> Result<Vec<String>, Error> {
        let (searcher, _) = self.searcher()?;
        Ok(typed.best(suggest::find(&searcher, &self.names, lexicon, typed)?, limit))
    }

    pub(super) fn scan(&self, after: Option<String>, limit: usize) -> Result<Vec<Entry>, Error> {
        let after = after.map(|id| (0, id));
        let best = Best { order: Order::Id, limit, after, near: None, facets: Vec::new() };
        let (searcher, _) = self.searcher()?;
        let matches = searcher.search(&AllQuery, &best).map_err(error)?;
        let entry = |address| self.names.entry(&searcher.doc(address).map_err(error)?);
        matches.first.into_iter().map(|found| entry(found.address)).collect()
    }

    /// Lets the writer end before its folder goes.
    pub(super) fn close(&self) -> Result<(), Error> {
        match lock(&self.writer).take() {
            Some(writer) => writer.wait_merging_threads().map_err(error),
            None => Ok(()),
        }
    }
}

fn most_frequent(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    // Stable: values of one count stay in their order.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(FACET_VALUES_MAX);
    counts
}

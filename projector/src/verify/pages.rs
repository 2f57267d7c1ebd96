//! The log and the search index, page by page.

use std::collections::VecDeque;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use storage::documents::Generation;
use storage::event_log::{Filter, READ_MAX, SharedLog};
use storage::search::Entry;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Candidate, Error};
use crate::Ports;

/// Folds that go on side by side, each for its share of the views.
const SIDE_BY_SIDE: usize = 2;

type Page = Arc<Vec<Recorded<Event>>>;

/// Reads the log over `(after, until]`, decoded, at constant memory.
pub(crate) async fn each_event(
    log: &SharedLog,
    mut after: Position,
    until: Position,
    mut visit: impl FnMut(&Recorded<Event>) + Send,
) -> Result<(), Error> {
    loop {
        let page = page(log, after, until).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position;
        page.iter().for_each(&mut visit);
        tokio::task::yield_now().await;
    }
}

/// Feeds the whole log to every candidate. While a page is folded, the next is read.
pub(super) async fn fold(
    ports: &Ports,
    mut candidates: Vec<Candidate>,
) -> Result<Vec<Candidate>, Error> {
    let until = candidates.iter().map(|candidate| candidate.until).max().unwrap_or_default();
    let mut events = page(&ports.log, Position(0), until).await?;
    while let Some(last) = events.last().map(|recorded| recorded.position) {
        let share = candidates.len().div_ceil(SIDE_BY_SIDE);
        let mut folding: Vec<JoinHandle<Vec<Candidate>>> = vec![];
        while !candidates.is_empty() {
            let mut mine: Vec<Candidate> =
                candidates.drain(..share.min(candidates.len())).collect();
            let events = Arc::clone(&events);
            folding.push(spawn_blocking(move || {
                for candidate in &mut mine {
                    for event in &*events {
                        let position = candidate.verified.position;
                        candidate.refold.event(event, position, &candidate.parked);
                    }
                }
                mine
            }));
        }
        let next = page(&ports.log, last, until).await;
        for folded in folding {
            candidates.extend(folded.await?);
        }
        events = next?;
    }
    Ok(candidates)
}

async fn page(log: &SharedLog, after: Position, until: Position) -> Result<Page, Error> {
    if after >= until {
        return Ok(Page::default());
    }
    let stored = log.read(after, &Filter::default(), READ_MAX).await?.events;
    let decode = move || {
        let wanted = stored.into_iter().take_while(|recorded| recorded.position <= until);
        let decoded = wanted.map(|recorded| {
            let position = recorded.position;
            recorded.decode().map_err(|source| Error::Undecodable { position, source })
        });
        decoded.collect::<Result<Vec<_>, Error>>().map(Arc::new)
    };
    spawn_blocking(decode).await?
}

/// The entries of an index, page by page.
pub(super) struct Entries {
    generation: Generation,
    page: VecDeque<Entry>,
    after: Option<String>,
    is_last: bool,
}

impl Entries {
    pub(super) const fn of(generation: Generation) -> Self {
        Self { generation, page: VecDeque::new(), after: None, is_last: false }
    }

    /// The next entry whose id is lower; any, where no id is given.
    pub(super) async fn next_before(
        &mut self,
        ports: &Ports,
        id: Option<&str>,
    ) -> Result<Option<Entry>, Error> {
        if self.page.is_empty() && !self.is_last {
            let limit = storage::search::PAGE_MAX;
            let page = ports.search.scan(self.generation, self.after.as_deref(), limit).await?;
            self.is_last = page.len() < limit;
            self.after = page.last().map(|entry| entry.id.clone());
            self.page = page.into();
        }
        let is_before =
            self.page.front().is_some_and(|entry| id.is_none_or(|id| entry.id.as_str() < id));
        Ok(if is_before { self.page.pop_front() } else { None })
    }

    pub(super) fn take(&mut self, id: &str) -> Option<Entry> {
        self.page.pop_front_if(|entry| entry.id == id)
    }
}

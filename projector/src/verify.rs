//! Compares stored documents with the fold of the log, document by document, each at the position
//! that it rests on; so a view may go on writing meanwhile.

mod pages;
mod refold;

use std::collections::BTreeSet;

use events_schema::envelope::Position;
use storage::documents::{self, Generation, PAGE_MAX};
use storage::event_log;
use storage::search::Entry;

pub(crate) use self::pages::each_event;
use self::pages::{Entries, fold};
pub(crate) use self::refold::{Refold, Refolder};
use crate::registry::Spec;
use crate::{Ports, parked};

/// Documents of one view that are compared in one pass over the log, to stay within memory.
const PASS_DOCUMENTS_MAX: u64 = 50_000;
/// The most differing ids that are named.
const NAMED_MAX: usize = 100;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub view: &'static str,
    pub generation: Generation,
    /// The checkpoint: every event up to here had to be in the documents.
    pub position: Position,
    pub documents: u64,
    /// Over ids, positions and bytes of all documents, in whatever order.
    pub checksum: u128,
    /// Documents that are not what the log says; the first 100 by name.
    pub differing: u64,
    pub differing_ids: Vec<String>,
    /// Documents that could not be compared because they are parked.
    pub parked: Vec<String>,
}

impl Verified {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differing == 0 && self.parked.is_empty()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Documents(#[from] documents::Error),
    #[error(transparent)]
    Search(#[from] storage::search::Error),
    #[error(transparent)]
    Log(#[from] event_log::Error),
    #[error("position {position} cannot be read")]
    Undecodable { position: Position, source: events_schema::DecodeError },
    #[error("comparison was broken off")]
    BrokenOff(#[from] tokio::task::JoinError),
}

/// One generation of a view under comparison.
struct Candidate {
    verified: Verified,
    spec: &'static Spec,
    parked: BTreeSet<String>,
    /// The highest position of a stored document, or the checkpoint's.
    until: Position,
    refold: Box<dyn Refold>,
}

/// Compares these generations, reading the log once for all of them (more often where there are
/// very many documents).
///
/// # Errors
/// [`Error`] where a store or the log cannot be read.
pub async fn verify(
    ports: &Ports,
    generations: &[(&'static Spec, Generation)],
) -> Result<Vec<Verified>, Error> {
    let mut candidates = vec![];
    for (spec, generation) in generations {
        candidates.push(candidate(ports, spec, *generation).await?);
    }
    let most = candidates.iter().map(|candidate| candidate.verified.documents).max().unwrap_or(0);
    let passes = most.div_ceil(PASS_DOCUMENTS_MAX).max(1);
    for pass in 0..passes {
        for candidate in &mut candidates {
            candidate.refold.begin(pass, passes);
            candidate.expect(ports).await?;
        }
        candidates = fold(ports, candidates).await?;
        for candidate in &mut candidates {
            candidate.collect();
        }
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.spec.searched) {
        candidate.compare_entries(ports).await?;
    }
    Ok(candidates.into_iter().map(|candidate| candidate.verified).collect())
}

async fn candidate(
    ports: &Ports,
    spec: &'static Spec,
    generation: Generation,
) -> Result<Candidate, Error> {
    let parked: BTreeSet<String> = parked::list(&*ports.documents, spec.name)
        .await?
        .into_iter()
        .filter(|document| document.generation == generation.0)
        .map(|document| document.key)
        .collect();
    let checkpoint = ports.documents.checkpoint((spec.collection)(), generation).await?;
    let position = checkpoint.map(|checkpoint| checkpoint.position()).unwrap_or_default();
    let mut candidate = Candidate {
        verified: Verified {
            view: spec.name,
            generation,
            position,
            documents: 0,
            checksum: 0,
            differing: 0,
            differing_ids: vec![],
            parked: parked.iter().cloned().collect(),
        },
        spec,
        parked,
        until: position,
        refold: (spec.refold)(),
    };
    let mut count = 0_u64;
    candidate.scan(ports, |_, _| count = count.saturating_add(1)).await?;
    candidate.verified.documents = count;
    Ok(candidate)
}

impl Candidate {
    async fn scan(
        &mut self,
        ports: &Ports,
        mut visit: impl FnMut(&mut Self, &documents::Stored) + Send,
    ) -> Result<(), Error> {
        let (collection, generation) = ((self.spec.collection)(), self.verified.generation);
        let mut after: Option<String> = None;
        loop {
            let store = &ports.documents;
            let page = store.scan(collection, generation, after.as_deref(), PAGE_MAX).await?;
            for stored in &page {
                visit(self, stored);
            }
            match page.last() {
                Some(last) if page.len() == PAGE_MAX => after = Some(last.id.clone()),
                Some(_) | None => return Ok(()),
            }
        }
    }

    async fn expect(&mut self, ports: &Ports) -> Result<(), Error> {
        self.scan(ports, |candidate, stored| {
            if !candidate.parked.contains(&stored.id) {
                candidate.until = candidate.until.max(stored.position);
                candidate.refold.expect(stored);
            }
        })
        .await
    }

    fn collect(&mut self) {
        let (differing, checksum) = self.refold.end();
        self.verified.checksum = self.verified.checksum.wrapping_add(checksum);
        for id in differing {
            self.differs(id);
        }
    }

    fn differs(&mut self, id: String) {
        self.verified.differing = self.verified.differing.saturating_add(1);
        if self.verified.differing_ids.len() < NAMED_MAX {
            self.verified.differing_ids.push(id);
        }
    }

    /// The search index against the documents, both in the order of ids.
    async fn compare_entries(&mut self, ports: &Ports) -> Result<(), Error> {
        let mut entries = Entries::of(self.verified.generation);
        let (collection, generation) = ((self.spec.collection)(), self.verified.generation);
        let mut after: Option<String> = None;
        loop {
            let store = &ports.documents;
            let page = store.scan(collection, generation, after.as_deref(), PAGE_MAX).await?;
            for stored in &page {
                while let Some(entry) = entries.next_before(ports, Some(&stored.id)).await? {
                    self.compare_entry(Some(&entry), None);
                }
                let entry = entries.take(&stored.id);
                self.compare_entry(entry.as_ref(), Some(stored));
            }
            match page.last() {
                Some(last) if page.len() == PAGE_MAX => after = Some(last.id.clone()),
                Some(_) | None => break,
            }
        }
        while let Some(entry) = entries.next_before(ports, None).await? {
            self.compare_entry(Some(&entry), None);
        }
        Ok(())
    }

    fn compare_entry(&mut self, entry: Option<&Entry>, stored: Option<&documents::Stored>) {
        let (Some(id), found) = (
            entry.map(|entry| &entry.id).or(stored.map(|stored| &stored.id)),
            entry.map(|entry| entry.position).max(stored.map(|stored| stored.position)),
        ) else {
            return;
        };
        let is_moving = found > Some(self.verified.position)
            && entry.map(|entry| entry.position) != stored.map(|stored| stored.position);
        let is_equal = match stored {
            Some(stored) => self.refold.is_entry_of(entry, stored),
            None => entry.is_none_or(|entry| entry.fields.is_none()),
        };
        if !is_moving && !is_equal {
            self.differs(id.clone());
        }
    }
}

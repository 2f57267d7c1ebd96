//! What was answered since the last commit: first pages are asked for again and again.

use std::collections::HashMap;
use std::sync::Mutex;

use super::super::{Hits, Query};
use super::shelf::lock;

/// The most answers that are kept, of some KiB each.
const ANSWERS_MAX: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<OfLoad>);

/// The reader's loads are numbered; answers are those of one.
#[derive(Debug, Default)]
struct OfLoad {
    number: u64,
    hits: HashMap<Query, Hits>,
}

impl Answers {
    pub(super) fn get(&self, load: u64, query: &Query) -> Option<Hits> {
        let answers = lock(&self.0);
        answers.hits.get(query).filter(|_| answers.number == load).cloned()
    }

    pub(super) fn keep(&self, load: u64, query: &Query, hits: &Hits) {
        let mut answers = lock(&self.0);
        if answers.number != load || answers.hits.len() >= ANSWERS_MAX {
            *answers = OfLoad { number: load, hits: HashMap::new() };
        }
        answers.hits.insert(query.clone(), hits.clone());
    }
}

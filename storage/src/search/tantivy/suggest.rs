//! Completes what is being typed from the words of the titles, the most frequent first.

use std::collections::{BTreeMap, HashSet};

use tantivy::collector::DocSetCollector;
use tantivy::query::BooleanQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

use super::super::Error;
use super::super::lexicon::Lexicon;
use super::super::plan::Plan;
use super::super::suggest::{LISTINGS_MIN, Typed};
use super::query;
use super::schema::Names;
use super::shelf::error;

/// The most words that are looked at, and the most listings in all that they stand in: the rest is
/// rare, and counts for nothing.
const WORDS_MAX: usize = 200_000;
const LISTINGS_MAX: u64 = 1_000_000;

/// Words with the number of listings that have them.
pub(super) fn find(
    searcher: &Searcher,
    names: &Names,
    lexicon: &Lexicon,
    typed: &Typed,
) -> Result<Vec<(String, u64)>, Error> {
    let plan = Plan::of(&typed.head, lexicon);
    let among = match plan.words.as_slice() {
        [] => None,
        [..] => {
            let head = BooleanQuery::new(query::text(&plan, names)?);
            Some(searcher.search(&head, &DocSetCollector).map_err(error)?)
        }
    };
    let mut words: Vec<(String, u64)> = words(searcher, names, &typed.keys)?.into_iter().collect();
    words.sort_by_key(|(_, listings)| std::cmp::Reverse(*listings));
    let mut read: u64 = 0;
    let mut found = Vec::new();
    for (word, listings) in words {
        read = read.saturating_add(listings);
        if listings < LISTINGS_MIN || read > LISTINGS_MAX {
            break;
        }
        let count = count(searcher, names, &word, among.as_ref()).map_err(error)?;
        found.push((word, count));
    }
    Ok(found)
}

/// What begins with these keys, and in how many listings it stands, removed ones included.
fn words(searcher: &Searcher, names: &Names, keys: &str) -> Result<BTreeMap<String, u64>, Error> {
    let mut words: BTreeMap<String, u64> = BTreeMap::new();
    for reader in searcher.segment_readers() {
        let index = reader.inverted_index(names.suggest).map_err(error)?;
        let beyond = format!("{keys}\u{10FFFF}");
        let range = index.terms().range().ge(keys).lt(beyond);
        let mut range = range.into_stream().map_err(|failure| error(failure.into()))?;
        while words.len() < WORDS_MAX && range.advance() {
            let word = String::from_utf8_lossy(range.key()).into_owned();
            let count = words.entry(word).or_default();
            *count = count.saturating_add(range.value().doc_freq.into());
        }
    }
    Ok(words)
}

fn count(
    searcher: &Searcher,
    names: &Names,
    word: &str,
    among: Option<&HashSet<DocAddress>>,
) -> tantivy::Result<u64> {
    let term = Term::from_field_text(names.suggest, word);
    let mut count: u64 = 0;
    for (segment, reader) in (0..).zip(searcher.segment_readers()) {
        let index = reader.inverted_index(names.suggest)?;
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            let address = DocAddress::new(segment, postings.doc());
            let is_there = !reader.is_deleted(postings.doc())
                && among.is_none_or(|among| among.contains(&address));
            count = count.saturating_add(is_there.into());
            postings.advance();
        }
    }
    Ok(count)
}

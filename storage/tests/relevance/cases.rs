//! The cases of `cases.tsv`.

use std::collections::HashMap;

use storage::documents::Generation;
use storage::search::{Entry, Query, SharedSearch, Sort};

use super::listings;

pub(crate) const GENERATION: Generation = Generation(1);
const CASES: &str = include_str!("cases.tsv");
const CASES_MIN: usize = 150;
const FIRST: usize = 10;
const SHOWN: usize = 100;

struct Case {
    typed: &'static str,
    first: &'static str,
    shows: Vec<&'static str>,
    never: Vec<&'static str>,
}

fn cases() -> Vec<Case> {
    let lines = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let case = |line: &'static str| {
        let mut columns = line.split('\t');
        let (typed, first) = (columns.next().unwrap(), columns.next().unwrap());
        let shows = columns.next().unwrap_or_default().split_whitespace().collect();
        let never = columns.next().unwrap_or_default();
        let never = never.split('|').filter(|saying| !saying.is_empty()).collect();
        assert!(columns.next().is_none() && !first.is_empty(), "{line}");
        Case { typed, first, shows, never }
    };
    lines.map(case).collect()
}

/// Title and brand, as the cases speak of them.
fn said(entry: &Entry) -> String {
    let fields = entry.fields.as_ref().unwrap();
    let brands = fields.brand.iter().chain(&fields.tags);
    let text = brands.fold(fields.title.clone(), |text, brand| text + "\n" + brand);
    text.to_lowercase().chars().filter(|character| *character != ' ').collect()
}

/// What is shown for each text. Reports every case that does not hold, at once.
pub(crate) async fn hold_on(search: SharedSearch) -> Vec<(&'static str, Vec<String>)> {
    let listings = listings::all();
    search.declare(GENERATION).await.unwrap();
    for some in listings.chunks(20_000) {
        search.put(GENERATION, some.to_vec()).await.unwrap();
    }
    let said: HashMap<&str, String> =
        listings.iter().map(|entry| (entry.id.as_str(), said(entry))).collect();
    let cases = cases();
    assert!(cases.len() >= CASES_MIN, "only {} cases", cases.len());
    let (mut faults, mut shown) = (Vec::new(), Vec::new());
    for case in cases {
        let query = Query {
            text: Some(case.typed.to_owned()),
            ..Query::everything(Sort::Relevance, SHOWN)
        };
        let ids = search.search(GENERATION, &query).await.unwrap().ids;
        faults.extend(case.faults(&ids, &said));
        shown.push((case.typed, ids));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    shown
}

impl Case {
    fn faults(&self, ids: &[String], said: &HashMap<&str, String>) -> Vec<String> {
        let typed = self.typed;
        if self.first == "-" {
            return ids.iter().take(1).map(|id| format!("{typed}: shows {id}")).collect();
        }
        let mut faults = Vec::new();
        if ids.is_empty() {
            faults.push(format!("{typed}: shows nothing"));
        }
        for (place, id) in ids.iter().enumerate() {
            let text = &said[id.as_str()];
            let fits = self.first.split('+').all(|one| one.split('|').any(|or| text.contains(or)));
            if place < FIRST && !fits {
                faults.push(format!("{typed}: shows {id} first: {text:?}"));
            }
            if let Some(saying) = self.never.iter().find(|saying| text.contains(**saying)) {
                faults.push(format!("{typed}: shows {id} with {saying}: {text:?}"));
            }
        }
        let missing = self.shows.iter().filter(|id| !ids.iter().any(|shown| shown == *id));
        faults.extend(missing.map(|id| format!("{typed}: does not show {id}: {:?}", said.get(id))));
        faults
    }
}

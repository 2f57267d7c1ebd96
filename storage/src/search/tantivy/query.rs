//! From a query of the port to one of tantivy. Text becomes words, never syntax.

use std::collections::BTreeMap;
use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Query as Built, RangeQuery, TermQuery,
    TermSetQuery,
};
use tantivy::schema::IndexRecordOption;

use super::super::{Error, Query};
use super::schema::{self, Names};
use super::words;

pub(super) fn build(query: &Query, names: &Names) -> Result<Box<dyn Built>, Error> {
    let mut parts: Vec<Box<dyn Built>> = Vec::new();
    if let Some(text) = &query.text {
        let words = words::wanted(text);
        if words.is_empty() {
            return Ok(Box::new(EmptyQuery));
        }
        for word in words {
            parts.push(anywhere(&word, names)?);
        }
    }
    let mut alternatives: BTreeMap<_, Vec<Term>> = BTreeMap::new();
    for (facet, value) in &query.filters {
        let field = names.field(schema::column(*facet))?;
        alternatives.entry(*facet).or_default().push(Term::from_field_text(field, value));
    }
    parts.extend(alternatives.into_values().map(|terms| unscored(TermSetQuery::new(terms))));
    if query.price_min.is_some() || query.price_max.is_some() {
        let price = names.field(schema::PRICE)?;
        let bound = |value: Option<u64>| {
            value.map_or(Bound::Unbounded, |value| {
                Bound::Included(Term::from_field_u64(price, value))
            })
        };
        parts.push(unscored(RangeQuery::new(bound(query.price_min), bound(query.price_max))));
    }
    if parts.is_empty() {
        // Only what was removed matches nothing else anyway.
        parts.push(unscored(TermQuery::new(
            Term::from_field_bool(names.live, true),
            IndexRecordOption::Basic,
        )));
    }
    Ok(Box::new(BooleanQuery::intersection(parts)))
}

/// The word in any of the texts, the better the more it weighs there.
fn anywhere(word: &str, names: &Names) -> Result<Box<dyn Built>, Error> {
    let mut places: Vec<Box<dyn Built>> = Vec::new();
    for (text, weight) in schema::TEXTS {
        let term = Term::from_field_text(names.field(text)?, word);
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        places.push(Box::new(BoostQuery::new(Box::new(query), weight)));
    }
    Ok(Box::new(BooleanQuery::union(places)))
}

fn unscored(query: impl Built) -> Box<dyn Built> {
    Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
}

//! From a query of the port to one of tantivy. Text becomes words, never syntax.

use std::collections::BTreeMap;
use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, Query as Built,
    RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;

use super::super::plan::{Form, Plan, Word};
use super::super::rank::{DETAILS, EDGE, EXACT, HEADING, TOGETHER};
use super::super::{Error, Query};
use super::schema::{self, Names};

type Part = (Occur, Box<dyn Built>);

pub(super) fn build(
    query: &Query,
    plan: Option<&Plan>,
    names: &Names,
) -> Result<Box<dyn Built>, Error> {
    let mut parts = match plan {
        Some(plan) if plan.words.is_empty() => return Ok(Box::new(EmptyQuery)),
        Some(plan) => text(plan, names)?,
        None => Vec::new(),
    };
    let mut alternatives: BTreeMap<_, Vec<Term>> = BTreeMap::new();
    for (facet, value) in &query.filters {
        let field = names.field(facet.name())?;
        alternatives.entry(*facet).or_default().push(Term::from_field_text(field, value));
    }
    let filters =
        alternatives.into_values().map(|terms| must(worth(0.0, TermSetQuery::new(terms))));
    parts.extend(filters);
    if query.price_min.is_some() || query.price_max.is_some() {
        let price = names.field(schema::PRICE)?;
        let bound = |value: Option<u64>| {
            value.map_or(Bound::Unbounded, |value| {
                Bound::Included(Term::from_field_u64(price, value))
            })
        };
        let range = RangeQuery::new(bound(query.price_min), bound(query.price_max));
        parts.push(must(worth(0.0, range)));
    }
    if let Some(near) = query.measured() {
        // The order leaves out what is too far in these latitudes.
        let latitude = names.field(schema::LATITUDE)?;
        let bound = |value| Bound::Included(Term::from_field_i64(latitude, value));
        let [least, most] = near.latitudes().map(bound);
        parts.push(must(worth(0.0, RangeQuery::new(least, most))));
    }
    if parts.is_empty() {
        // Only what was removed matches nothing else anyway.
        let live = Term::from_field_bool(names.live, true);
        parts.push(must(worth(0.0, TermQuery::new(live, IndexRecordOption::Basic))));
    }
    Ok(Box::new(BooleanQuery::new(parts)))
}

/// Every word, and what makes a match better.
pub(super) fn text(plan: &Plan, names: &Names) -> Result<Vec<Part>, Error> {
    let (heading, _) = HEADING;
    let mut parts = Vec::new();
    for word in &plan.words {
        parts.push(must(choices(word, names)?));
        for edge in &word.edges {
            parts.push(should(worth(EDGE, any(heading, edge, names)?)));
        }
    }
    if !plan.joints.is_empty() {
        let joints = plan.joints.iter().map(|joint| any(heading, joint, names));
        let joints = BooleanQuery::intersection(joints.collect::<Result<_, _>>()?);
        parts.push(should(worth(TOGETHER, joints)));
    }
    parts.push(should(worth(EXACT, term(schema::EXACT, &plan.squeezed, names)?)));
    Ok(parts)
}

/// The word in any of its forms, for the best place.
fn choices(word: &Word, names: &Names) -> Result<Box<dyn Built>, Error> {
    let mut choices: Vec<Box<dyn Built>> = Vec::new();
    for (place, weight) in [HEADING, DETAILS] {
        let forms = word.forms.iter().map(|form| all(place, form, names));
        choices.push(worth(weight, BooleanQuery::union(forms.collect::<Result<_, _>>()?)));
    }
    if let Some(initials) = &word.initials {
        choices.push(worth(HEADING.1, term(schema::INITIALS, initials, names)?));
    }
    Ok(Box::new(DisjunctionMaxQuery::new(choices)))
}

fn all(place: &str, form: &Form, names: &Names) -> Result<Box<dyn Built>, Error> {
    let terms = form.terms.iter().map(|either| any(place, either, names));
    Ok(Box::new(BooleanQuery::intersection(terms.collect::<Result<_, _>>()?)))
}

fn any(place: &str, either: &[String], names: &Names) -> Result<Box<dyn Built>, Error> {
    let mut terms: Vec<Box<dyn Built>> = Vec::new();
    for word in either {
        terms.push(Box::new(term(place, word, names)?));
    }
    Ok(Box::new(BooleanQuery::union(terms)))
}

fn term(field: &str, word: &str, names: &Names) -> Result<TermQuery, Error> {
    let term = Term::from_field_text(names.field(field)?, word);
    Ok(TermQuery::new(term, IndexRecordOption::Basic))
}

fn worth(weight: f32, query: impl Built) -> Box<dyn Built> {
    Box::new(ConstScoreQuery::new(Box::new(query), weight))
}

fn must(query: Box<dyn Built>) -> Part {
    (Occur::Must, query)
}

fn should(query: Box<dyn Built>) -> Part {
    (Occur::Should, query)
}

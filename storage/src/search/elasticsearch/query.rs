//! From a query of the port to one of the server. Text becomes words, each of them a value in JSON,
//! never syntax.

use std::collections::BTreeMap;

use events_schema::point::Point;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::plan::{Form, Plan, Word};
use super::super::rank::{self, DETAILS, EDGE, EXACT, HEADING, TOGETHER};
use super::super::suggest::{LISTINGS_MIN, Typed};
use super::super::{Cursor, Error, FACET_VALUES_MAX, Facet, Query, Sort};
use super::document::{self, GeoPoint};

/// What the server itself may spend on one search.
const PATIENCE: &str = "10s";
pub(super) const SUGGEST: &str = "suggest";
const POINT: &str = "point";
/// The most listings that suggestions are counted in: more would tell the same.
const SUGGESTED_FROM_MAX: usize = 50_000;
/// Where nori reads, and what it is worth.
const KOREAN: [(&str, f32); 2] = [("title_korean", HEADING.1), ("description_korean", DETAILS.1)];

/// The id breaks ties, so that nothing has to be held open between two pages.
fn sort(order: Sort, near: Option<Point>) -> Value {
    let first = match order {
        Sort::Relevance => json!({ "_score": "desc" }),
        Sort::Newest => json!({ "created": "desc" }),
        Sort::PriceAscending => json!({ "price": "asc" }),
        Sort::PriceDescending => json!({ "price": "desc" }),
        Sort::Distance => json!({ "_geo_distance": {
            POINT: near.map(GeoPoint::of),
            "order": "asc",
            "unit": "m",
            "distance_type": "arc",
        } }),
    };
    json!([first, { "id": "asc" }])
}

/// The value that the page before ended with, as the server sorts by it.
fn after(order: Sort, cursor: &Cursor) -> Result<Value, Error> {
    let invalid = Error::Invalid("cursor is not of this search");
    let Ok(value) = cursor.value.parse::<u64>() else { return Err(invalid) };
    let value = match order {
        Sort::Relevance => {
            let score = u32::try_from(value).map(f32::from_bits).ok();
            json!(score.filter(|score| score.is_finite()).ok_or(invalid)?)
        }
        Sort::Newest => json!(rank::created_at(value)),
        Sort::PriceAscending | Sort::PriceDescending => json!(document::price(value)),
        Sort::Distance => {
            let metres = Some(f64::from_bits(value)).filter(|metres| metres.is_finite());
            json!(metres.ok_or(invalid)?)
        }
    };
    Ok(json!([value, cursor.id]))
}

/// Numbers are read as they stand: one that is off by its last bit would skip or double a hit.
pub(super) fn cursor(order: Sort, (value, id): &(Box<RawValue>, String)) -> Option<Cursor> {
    let value = value.get();
    let value = match order {
        Sort::Relevance => value.parse::<f32>().ok()?.to_bits().into(),
        Sort::Newest => rank::newest(value.parse().ok()?),
        Sort::PriceAscending | Sort::PriceDescending => value.parse().ok()?,
        Sort::Distance => value.parse::<f64>().ok()?.to_bits(),
    };
    Some(Cursor { value: value.to_string(), id: id.clone() })
}

pub(super) fn body(query: &Query, plan: Option<&Plan>) -> Result<Value, Error> {
    let order = query.order();
    let mut filters = filters(query);
    let wanted = match plan {
        None => json!({ "bool": { "filter": filters } }),
        Some(plan) if plan.words.is_empty() => json!({ "match_none": {} }),
        Some(plan) if order == Sort::Relevance => json!({ "function_score": {
            "query": { "bool": {
                "filter": filters,
                "must": words(plan),
                "should": better(plan),
            } },
            "field_value_factor": { "field": "freshness" },
        } }),
        Some(plan) => {
            filters.extend(words(plan));
            json!({ "bool": { "filter": filters } })
        }
    };
    let mut body = json!({
        "query": wanted,
        "sort": sort(order, query.near),
        // One more than asked tells whether there is a next page.
        "size": query.limit.saturating_add(1),
        "track_total_hits": true,
        "timeout": PATIENCE,
        // What is needed of a hit it is sorted by: nothing is read of what is stored.
        "stored_fields": "_none_",
        "_source": false,
    });
    if let Some(cursor) = &query.after {
        body["search_after"] = after(order, cursor)?;
    }
    for facet in query.facets.iter().copied().map(Facet::name) {
        body["aggs"][facet]["terms"] = json!({
            "field": facet,
            "size": FACET_VALUES_MAX,
            "order": [{ "_count": "desc" }, { "_key": "asc" }],
        });
    }
    Ok(body)
}

/// What is in progress among the listings that have what stands before it. Letters and digits are no
/// syntax of a pattern.
pub(super) fn suggestions(typed: &Typed, head: &Plan, limit: usize) -> Value {
    let mut filters = vec![json!({ "prefix": { SUGGEST: typed.keys } })];
    filters.extend(words(head));
    json!({
        "query": { "bool": { "filter": filters } },
        "aggs": { SUGGEST: { "terms": {
            "field": SUGGEST,
            "include": format!("{}.*", typed.keys),
            "min_doc_count": LISTINGS_MIN,
            // A word may be found by its keys and by its initials.
            "size": limit.saturating_mul(2),
        } } },
        "size": 0,
        "track_total_hits": false,
        "terminate_after": SUGGESTED_FROM_MAX,
        "timeout": PATIENCE,
    })
}

fn filters(query: &Query) -> Vec<Value> {
    let mut alternatives: BTreeMap<Facet, Vec<&str>> = BTreeMap::new();
    for (facet, value) in &query.filters {
        alternatives.entry(*facet).or_default().push(value);
    }
    let terms = |(facet, values): (Facet, Vec<_>)| json!({ "terms": { facet.name(): values } });
    let mut filters: Vec<Value> = alternatives.into_iter().map(terms).collect();
    let bounds = [("gte", query.price_min), ("lte", query.price_max)];
    for (bound, price) in bounds.into_iter().filter_map(|(bound, price)| Some((bound, price?))) {
        filters.push(json!({ "range": { "price": { bound: document::price(price) } } }));
    }
    filters.extend(near(query));
    // What was removed has nothing else that it could be found by.
    if filters.is_empty() && query.text.is_none() {
        filters.push(json!({ "term": { "live": true } }));
    }
    filters
}

/// What is near enough has a point.
fn near(query: &Query) -> Option<Value> {
    match (query.near, query.within_metres) {
        (Some(near), Some(metres)) => Some(json!({ "geo_distance": {
            POINT: GeoPoint::of(near),
            "distance": format!("{metres}m"),
            "distance_type": "arc",
        } })),
        _all => (query.sort == Sort::Distance).then(|| json!({ "exists": { "field": POINT } })),
    }
}

/// Every word in any of its forms, for the best place.
fn words(plan: &Plan) -> Vec<Value> {
    plan.words.iter().map(|word| json!({ "dis_max": { "queries": choices(word) } })).collect()
}

fn choices(word: &Word) -> Vec<Value> {
    let anywhere = |(place, weight): (&str, f32)| {
        let forms: Vec<Value> = word.forms.iter().map(|form| all(place, form)).collect();
        worth(weight, &json!({ "bool": { "should": forms } }))
    };
    let mut choices = vec![anywhere(HEADING), anywhere(DETAILS)];
    if let Some(initials) = &word.initials {
        choices.push(worth(HEADING.1, &json!({ "term": { "initials": initials } })));
    }
    if let Some(typed) = &word.typed {
        let spoken = |(field, weight): (&str, f32)| {
            worth(weight, &json!({ "match_phrase": { field: { "query": typed } } }))
        };
        choices.extend(KOREAN.map(spoken));
    }
    choices
}

/// What makes a match better.
fn better(plan: &Plan) -> Vec<Value> {
    let mut better = vec![worth(EXACT, &json!({ "term": { "exact": plan.squeezed } }))];
    for edge in plan.words.iter().flat_map(|word| &word.edges) {
        better.push(worth(EDGE, &any(HEADING.0, edge)));
    }
    if !plan.joints.is_empty() {
        let joints = plan.joints.iter().map(|either| any(HEADING.0, either));
        let joints: Vec<Value> = joints.collect();
        better.push(worth(TOGETHER, &json!({ "bool": { "filter": joints } })));
    }
    better
}

fn all(place: &str, form: &Form) -> Value {
    match form.terms.as_slice() {
        [either] => any(place, either),
        several => {
            let terms: Vec<Value> = several.iter().map(|either| any(place, either)).collect();
            json!({ "bool": { "filter": terms } })
        }
    }
}

fn any(place: &str, either: &[String]) -> Value {
    match either {
        [word] => json!({ "term": { place: word } }),
        several => json!({ "terms": { place: several } }),
    }
}

fn worth(weight: f32, query: &Value) -> Value {
    json!({ "constant_score": { "filter": query, "boost": weight } })
}

//! What readers ask.

use std::collections::HashMap;

use events_schema::envelope::Position;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::plan::Plan;
use super::super::suggest::Typed;
use super::super::{Entry, Error, Facet, Fields, Hits, Query};
use super::index::Index;
use super::query;
use super::server::{Method, Server};

#[derive(Deserialize)]
struct Answer<H> {
    timed_out: bool,
    hits: Found<H>,
    #[serde(default)]
    aggregations: HashMap<String, Counts>,
}

#[derive(Deserialize)]
struct Found<H> {
    total: Option<Total>,
    hits: Vec<H>,
}

#[derive(Deserialize)]
struct Total {
    value: u64,
}

/// A hit of a search: the value it is sorted by, and its id.
#[derive(Deserialize)]
struct Hit {
    sort: (Box<RawValue>, String),
}

/// A hit of a scan.
#[derive(Deserialize)]
struct Stored {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_source")]
    document: Document,
}

#[derive(Deserialize)]
struct Document {
    position: u64,
    source: Option<Fields>,
}

#[derive(Deserialize)]
struct Counts {
    buckets: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    key: String,
    doc_count: u64,
}

async fn ask<H: serde::de::DeserializeOwned>(
    server: &Server,
    index: &Index,
    body: &Value,
) -> Result<Answer<H>, Error> {
    let path = format!("{}/_search?allow_partial_search_results=false", index.name);
    let answer: Answer<H> = server.call(Method::Post, &path, body.to_string()).await?;
    if answer.timed_out {
        return Err(Error::Unavailable("a search took too long".into()));
    }
    Ok(answer)
}

pub(super) async fn search(
    server: &Server,
    index: &Index,
    query: &Query,
    plan: Option<&Plan>,
) -> Result<Hits, Error> {
    let order = query.order();
    let mut answer = ask::<Hit>(server, index, &query::body(query, plan)?).await?;
    let found = &mut answer.hits.hits;
    let has_next = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().filter(|_| has_next).and_then(|last| query::cursor(order, &last.sort));
    let mut counts = |facet: Facet| {
        let counts = answer.aggregations.remove(facet.name());
        let buckets = counts.into_iter().flat_map(|counts| counts.buckets);
        (facet, buckets.map(|bucket| (bucket.key, bucket.doc_count)).collect())
    };
    Ok(Hits {
        facets: query.facets.iter().copied().map(&mut counts).collect(),
        total: answer.hits.total.map(|total| total.value).unwrap_or_default(),
        ids: answer.hits.hits.into_iter().map(|Hit { sort: (_, id) }| id).collect(),
        next,
    })
}

pub(super) async fn suggest(
    server: &Server,
    index: &Index,
    (typed, head): (&Typed, &Plan),
    limit: usize,
) -> Result<Vec<String>, Error> {
    let body = query::suggestions(typed, head, limit);
    let mut answer = ask::<Hit>(server, index, &body).await?;
    let counts = answer.aggregations.remove(query::SUGGEST);
    let buckets = counts.into_iter().flat_map(|counts| counts.buckets);
    let found = buckets.map(|bucket| (bucket.key, bucket.doc_count)).collect();
    Ok(typed.best(found, limit))
}

pub(super) async fn scan(
    server: &Server,
    index: &Index,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Entry>, Error> {
    let mut body = json!({ "sort": [{ "id": "asc" }], "size": limit, "track_total_hits": false });
    if let Some(id) = after {
        body["search_after"] = json!([id]);
    }
    let answer = ask::<Stored>(server, index, &body).await?;
    let entry = |Stored { id, document }| Entry {
        id,
        position: Position(document.position),
        fields: document.source,
    };
    Ok(answer.hits.hits.into_iter().map(entry).collect())
}

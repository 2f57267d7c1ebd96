//! How an entry lies in the index: the words that it is found by are made here, the same as for every
//! other engine, and only the language is left to the server.

use std::collections::BTreeSet;

use events_schema::point::Point;
use serde::Serialize;

use super::super::{Entry, Fields, rank, suggest, words};

#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    id: &'a str,
    position: u64,
    live: bool,
    #[serde(flatten)]
    found_by: Option<FoundBy<'a>>,
}

#[derive(Debug, Serialize)]
struct FoundBy<'a> {
    source: &'a Fields,
    heading: String,
    details: String,
    exact: String,
    initials: Vec<String>,
    suggest: Vec<String>,
    title_korean: &'a str,
    description_korean: &'a str,
    category: BTreeSet<&'a str>,
    region: BTreeSet<&'a str>,
    condition: &'a str,
    seller_id: &'a str,
    seller_kind: &'a str,
    status: &'a str,
    currency: &'a str,
    brand: Option<&'a str>,
    price: i64,
    created: i64,
    freshness: f64,
    point: Option<GeoPoint>,
}

/// In degrees.
#[derive(Debug, Serialize)]
pub(super) struct GeoPoint {
    lat: f64,
    lon: f64,
}

impl GeoPoint {
    pub(super) fn of(point: Point) -> Self {
        let degrees = |microdegrees: i32| f64::from(microdegrees) / 1e6;
        let lat = degrees(point.latitude_microdegrees());
        Self { lat, lon: degrees(point.longitude_microdegrees()) }
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        let fields = entry.fields.as_ref();
        Self {
            id: &entry.id,
            position: entry.position.0,
            live: fields.is_some(),
            found_by: fields.map(found_by),
        }
    }
}

fn found_by(fields: &Fields) -> FoundBy<'_> {
    FoundBy {
        source: fields,
        heading: offered([&fields.title].into_iter().chain(&fields.brand)),
        details: offered(fields.tags.iter().chain([&fields.description])),
        exact: words::squeezed(&fields.title),
        initials: words::initials_offered(&fields.title),
        suggest: suggest::offered(&fields.title),
        title_korean: &fields.title,
        description_korean: &fields.description,
        category: fields.categories.iter().map(String::as_str).collect(),
        region: fields.regions.iter().map(String::as_str).collect(),
        condition: &fields.condition,
        seller_id: &fields.seller_id,
        seller_kind: &fields.seller_kind,
        status: &fields.status,
        currency: &fields.currency,
        brand: fields.brand.as_deref(),
        price: price(fields.price_minor),
        created: fields.created_at_micros,
        freshness: rank::standing(fields.created_at_micros, fields.likes),
        point: fields.point.map(GeoPoint::of),
    }
}

/// No number of the index is greater: above, all prices are the same.
pub(super) fn price(minor: u64) -> i64 {
    i64::try_from(minor).unwrap_or(i64::MAX)
}

fn offered<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let mut words: Vec<String> = texts.into_iter().flat_map(|text| words::offered(text)).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

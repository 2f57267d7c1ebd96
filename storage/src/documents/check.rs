//! The limits and the shape that every adapter holds its callers to, so that what one store takes
//! another takes too.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{
    Checkpoint, Collection, DOCUMENT_BYTES_MAX, Error, Find, Generation, ID_BYTES_MAX, Index,
    PAGE_MAX, PUT_MAX, SortValue, Stored,
};

fn invalid<T>(reason: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid(reason.into()))
}

pub(super) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= 60
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(allowed)
}

/// Names that no store has to quote.
pub(super) fn collection(collection: &Collection) -> Result<(), Error> {
    if !is_name(collection.name) || collection.name.starts_with("sqlite") {
        return invalid(format!("collection name {:?}", collection.name));
    }
    for index in collection.indexes {
        let fields = index.equals.iter().chain([&index.sort]);
        if let Some(name) = fields.chain([&index.name]).find(|name| !is_name(name)) {
            return invalid(format!("index or field name {name:?}"));
        }
    }
    Ok(())
}

/// All that a put is held to, its bodies among it.
pub(super) fn put(
    collection: &Collection,
    generation: Generation,
    documents: &[Stored],
    checkpoint: Option<&Checkpoint>,
) -> Result<(), Error> {
    frame(collection, generation, documents, checkpoint)?;
    documents.iter().try_for_each(|stored| body(collection, stored, |_, _| ()))
}

/// All that a put is held to but its bodies, for who reads those by himself.
pub(super) fn frame(
    collection: &Collection,
    generation: Generation,
    documents: &[Stored],
    checkpoint: Option<&Checkpoint>,
) -> Result<(), Error> {
    self::collection(collection)?;
    if documents.len() > PUT_MAX {
        return invalid(format!("{} documents in one put", documents.len()));
    }
    if checkpoint.is_some_and(|checkpoint| checkpoint.generation != generation) {
        return invalid("checkpoint of another generation");
    }
    documents.iter().try_for_each(document)
}

pub(super) fn limit(limit: usize) -> Result<(), Error> {
    if (1..=PAGE_MAX).contains(&limit) { Ok(()) } else { invalid(format!("limit {limit}")) }
}

pub(super) fn ids(ids: &[&str]) -> Result<(), Error> {
    if ids.len() > PAGE_MAX { invalid(format!("{} ids in one get", ids.len())) } else { Ok(()) }
}

/// The index that a find names.
pub(super) fn find(collection: &Collection, find: &Find<'_>) -> Result<&'static Index, Error> {
    self::collection(collection)?;
    limit(find.limit)?;
    let Some(index) = collection.indexes.iter().find(|index| index.name == find.index) else {
        return invalid(format!("{} has no index {:?}", collection.name, find.index));
    };
    if index.equals.len() != find.equals.len() {
        return invalid(format!("index {} wants {} values", index.name, index.equals.len()));
    }
    let negative = |key: &super::Key| matches!(key.sort, SortValue::Integer(..0));
    if find.after.as_ref().is_some_and(negative) {
        return invalid("negative sort value");
    }
    Ok(index)
}

fn document(stored: &Stored) -> Result<(), Error> {
    let id = &stored.id;
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.contains('\0') {
        return invalid(format!("document id of {} bytes", id.len()));
    }
    if i64::try_from(stored.position.0).is_err() {
        return invalid(format!("position {} of document {id}", stored.position));
    }
    if stored.body.as_ref().is_some_and(|body| body.len() > DOCUMENT_BYTES_MAX) {
        return invalid(format!("document {id} is larger than {DOCUMENT_BYTES_MAX} bytes"));
    }
    Ok(())
}

/// A document's body: a JSON object whose indexed fields hold what an index can hold. Each field is
/// handed on with its JSON.
pub(super) fn body(
    collection: &Collection,
    stored: &Stored,
    each: impl FnMut(&str, &str),
) -> Result<(), Error> {
    let Some(body) = &stored.body else { return Ok(()) };
    let id = &stored.id;
    // Whatever is nested takes two bytes.
    if body.len() > 2 * DEPTH_MAX && depth(body) > DEPTH_MAX {
        return invalid(format!("document {id} is nested too deep"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    Body { collection, each }
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| Error::Invalid(format!("document {id}: {error}")))
}

/// What SQLite reads.
const DEPTH_MAX: usize = 1_000;

/// How deep lists and objects stand in each other.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

struct Body<'a, F> {
    collection: &'a Collection,
    each: F,
}

impl<'de, F: FnMut(&str, &str)> DeserializeSeed<'de> for Body<'_, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(&str, &str)> Visitor<'de> for Body<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = map.next_key()? {
            let value = map.next_value::<&RawValue>()?.get();
            let indexes = self.collection.indexes.iter();
            let equals = indexes.clone().any(|index| index.equals.contains(&name.as_ref()));
            let is_indexed = equals || indexes.clone().any(|index| index.sort == name);
            let fits = || value == "null" || is_text(value) || !equals && is_integer(value);
            if is_indexed && !fits() {
                return Err(A::Error::custom(format!("field {name} cannot be indexed")));
            }
            (self.each)(&name, value);
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// SQLite ends a text from JSON at U+0000, so none may be indexed.
fn is_text(json: &str) -> bool {
    json.starts_with('"')
        && (!json.contains('\\')
            || serde_json::from_str::<String>(json).is_ok_and(|text| !text.contains('\0')))
}

fn is_integer(json: &str) -> bool {
    json.parse::<i64>().is_ok_and(|number| number >= 0)
}

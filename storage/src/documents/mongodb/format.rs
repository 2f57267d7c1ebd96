//! How a document lies in its collection: `{_id, position, body, f}`. The body is the JSON text as
//! it was written, so that it reads back as the same bytes; `f` holds what indexes can find by.

use events_schema::envelope::Position;
use mongodb::bson::raw::CStr;
use mongodb::bson::{Document, RawBson, RawDocumentBuf, cstr};

use super::super::{Collection, Error, Generation, SortValue, Stored, check};

pub(super) fn collection(name: &str, generation: Generation) -> String {
    format!("{name}_g{}", generation.0)
}

/// Where an indexed field lies.
pub(super) fn path(field: &str) -> String {
    format!("f.{field}")
}

/// Fields that no index names yet are lifted up to this size, so that an index declared later finds
/// the documents that are already there.
const UNDECLARED_TEXT_BYTES_MAX: usize = 1_024;

/// A document as it is stored, without its id; checked on the way.
pub(super) fn write(collection: &Collection, stored: &Stored) -> Result<RawDocumentBuf, Error> {
    let mut lifted = RawDocumentBuf::new();
    check::body(collection, stored, |name, value| {
        let short = value.len() <= UNDECLARED_TEXT_BYTES_MAX;
        if !check::is_name(name) || !(short || is_declared(collection, name)) {
            return;
        }
        if let (Some(value), Ok(name)) = (indexable(value), <&CStr>::try_from(name)) {
            lifted.append(name, value);
        }
    })?;
    let mut document = RawDocumentBuf::new();
    document.append(cstr!("position"), integer(stored.position)?);
    if let Some(body) = &stored.body {
        let body = std::str::from_utf8(body)
            .map_err(|error| Error::Invalid(format!("document {}: {error}", stored.id)))?;
        document.append(cstr!("body"), body);
        document.append(cstr!("f"), lifted);
    }
    Ok(document)
}

fn is_declared(collection: &Collection, field: &str) -> bool {
    let mut indexes = collection.indexes.iter();
    indexes.any(|index| index.equals.contains(&field) || index.sort == field)
}

fn indexable(json: &str) -> Option<RawBson> {
    if json.starts_with('"') {
        return serde_json::from_str(json).ok().map(RawBson::String);
    }
    json.parse().ok().filter(|number| *number >= 0).map(RawBson::Int64)
}

pub(super) fn integer(position: Position) -> Result<i64, Error> {
    i64::try_from(position.0).map_err(|_| Error::Invalid(format!("position {position}")))
}

pub(super) fn read(document: &Document) -> Result<Stored, Error> {
    let broken = |field: &str| Error::Unavailable(format!("a document has no {field}").into());
    let id = document.get_str("_id").map_err(|_| broken("_id"))?.to_owned();
    let position = position(document).ok_or_else(|| broken("position"))?;
    let body = document.get_str("body").ok().map(|body| body.as_bytes().to_vec());
    Ok(Stored { id, position, body })
}

pub(super) fn position(document: &Document) -> Option<Position> {
    document.get_i64("position").ok().and_then(|position| position.try_into().ok()).map(Position)
}

/// The value that a found document is sorted by.
pub(super) fn sort_value(document: &Document, field: &str) -> Option<SortValue> {
    let lifted = document.get_document("f").ok()?;
    let number = lifted.get_i64(field).map(SortValue::Integer);
    number.or_else(|_| lifted.get_str(field).map(|text| SortValue::Text(text.to_owned()))).ok()
}

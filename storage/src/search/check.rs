//! The limits that every adapter holds its callers to.

use super::{
    Entry, Error, FILTERS_MAX, ID_BYTES_MAX, PAGE_MAX, Query, SCAN_MAX, SUGGESTIONS_MAX,
    TEXT_BYTES_MAX, WITHIN_METRES_MAX,
};

pub(super) fn entries(entries: &[Entry]) -> Result<(), Error> {
    let fits = |entry: &Entry| (1..=ID_BYTES_MAX).contains(&entry.id.len());
    if entries.iter().all(fits) { Ok(()) } else { Err(Error::Invalid("an id has 1 to 512 bytes")) }
}

pub(super) fn query(query: &Query) -> Result<(), Error> {
    if query.limit > PAGE_MAX {
        return Err(Error::Invalid("a page has at most 100 hits"));
    }
    if query.filters.len() > FILTERS_MAX {
        return Err(Error::Invalid("there are at most 100 filters"));
    }
    if query.within_metres.is_some_and(|metres| !(1..=WITHIN_METRES_MAX).contains(&metres)) {
        return Err(Error::Invalid("a distance is 1 to 1,000,000 metres"));
    }
    if query.measures() && query.near.is_none() {
        return Err(Error::Invalid("a distance is measured from a point"));
    }
    text(query.text.as_deref().unwrap_or_default())
}

pub(super) fn text(text: &str) -> Result<(), Error> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::Invalid("a text has at most 400 bytes"));
    }
    Ok(())
}

pub(super) fn suggestions(typed: &str, limit: usize) -> Result<(), Error> {
    if !(1..=SUGGESTIONS_MAX).contains(&limit) {
        return Err(Error::Invalid("there are 1 to 20 suggestions"));
    }
    text(typed)
}

pub(super) fn scan(limit: usize) -> Result<(), Error> {
    if !(1..=SCAN_MAX).contains(&limit) {
        return Err(Error::Invalid("a scan has 1 to 1,000 entries"));
    }
    Ok(())
}

//! The guard of a put: where each id stands now.

use events_schema::envelope::Position;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Searcher, TERMINATED, Term};

use super::schema::{self, Names};

/// The position that each id has now.
pub(super) fn of<'a>(
    searcher: &Searcher,
    names: &Names,
    ids: impl Iterator<Item = &'a String>,
) -> tantivy::Result<Vec<Option<Position>>> {
    let mut segments = Vec::new();
    for reader in searcher.segment_readers() {
        let column = reader.fast_fields().u64(schema::POSITION)?;
        segments.push((reader, reader.inverted_index(names.id)?, column));
    }
    let position = |id: &String| {
        let term = Term::from_field_text(names.id, id);
        for (reader, index, column) in &segments {
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                if !reader.is_deleted(postings.doc()) {
                    return Ok(column.first(postings.doc()).map(Position));
                }
                postings.advance();
            }
        }
        Ok(None)
    };
    ids.map(position).collect()
}

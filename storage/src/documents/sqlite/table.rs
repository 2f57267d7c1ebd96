//! How a generation's table is called and built.

use super::super::{Collection, Generation, Index};

pub(super) fn name(collection: &str, generation: Generation) -> String {
    format!("{collection}_g{}", generation.0)
}

/// The generated column of a top-level field.
pub(super) fn column(field: &str) -> String {
    format!("f_{field}")
}

/// Rows keep the order in which they came, and only the small index of ids is written at random:
/// a rebuild writes bodies one after another.
pub(super) fn create(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table}
         (id TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL, body TEXT) STRICT"
    )
}

/// Columns that are computed from the body, so that a new index needs no new generation.
pub(super) fn add_column(table: &str, field: &str) -> String {
    let column = column(field);
    format!(
        "ALTER TABLE {table} ADD COLUMN {column} ANY
         GENERATED ALWAYS AS (json_extract(body, '$.{field}')) VIRTUAL"
    )
}

/// Named for its columns: an index that is declared anew with others is another one.
pub(super) fn create_index(table: &str, index: &Index) -> String {
    let fields: Vec<&str> = index.equals.iter().copied().chain([index.sort]).collect();
    let columns: Vec<String> = fields.iter().map(|field| column(field)).collect();
    format!(
        "CREATE INDEX IF NOT EXISTS {table}__{} ON {table} ({}, id)",
        fields.join("__"),
        columns.join(", ")
    )
}

/// Every indexed field, once.
pub(super) fn fields(collection: &Collection) -> Vec<&'static str> {
    let indexes = collection.indexes.iter();
    let mut fields: Vec<&str> =
        indexes.flat_map(|index| index.equals.iter().copied().chain([index.sort])).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

//! How a generation's table is called and built.

use super::super::{Collection, Generation, Index};

pub(super) fn name(collection: &str, generation: Generation) -> String {
    format!("{collection}_g{}", generation.0)
}

/// The generated column of a top-level field.
pub(super) fn column(field: &str) -> String {
    format!("f_{field}")
}

/// A statement for one table; names are checked and need no quotes.
pub(super) fn fill(sql: &str, table: &str) -> String {
    sql.replace("{documents}", table)
}

/// Rows keep the order in which they came, and only the small index of ids is written at random:
/// a rebuild writes bodies one after another.
pub(super) fn create(table: &str) -> String {
    fill(include_str!("table/create_table.sql"), table)
}

/// Columns that are computed from the body, so that a new index needs no new generation.
pub(super) fn add_column(table: &str, field: &str) -> String {
    fill(include_str!("table/add_column.sql"), table)
        .replace("{column}", &column(field))
        .replace("{field}", field)
}

/// Named for its columns: an index that is declared anew with others is another one.
pub(super) fn create_index(table: &str, index: &Index) -> String {
    let fields: Vec<&str> = index.equals.iter().copied().chain([index.sort]).collect();
    let columns: Vec<String> = fields.iter().map(|field| column(field)).collect();
    fill(include_str!("table/create_index.sql"), table)
        .replace("{fields}", &fields.join("__"))
        .replace("{columns}", &columns.join(", "))
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

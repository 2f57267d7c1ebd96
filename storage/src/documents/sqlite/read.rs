//! What readers ask.

use std::collections::BTreeMap;

use events_schema::envelope::Position;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::super::{
    Checkpoint, Direction, Error, Find, Found, Generation, Index, Key, Part, Serving, SortValue,
    Stored,
};
use super::{error, table};

/// `id, position, body`.
fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let body = row.get_ref(2)?.as_str_or_null()?.map(|body| body.as_bytes().to_vec());
    Ok(Stored { id: row.get(0)?, position: Position(row.get(1)?), body })
}

pub(super) fn get(
    reader: &Connection,
    collection: &str,
    generation: Generation,
    ids: &[impl AsRef<str>],
) -> Result<Vec<Option<Stored>>, Error> {
    let table = table::name(collection, generation);
    // Several ids are read from one snapshot.
    let _snapshot = match ids.len() {
        0 | 1 => None,
        2.. => Some(reader.unchecked_transaction().map_err(error)?),
    };
    let mut select =
        reader.prepare_cached(&table::fill(include_str!("read/get.sql"), &table)).map_err(error)?;
    ids.iter().map(|id| select.query_row([id.as_ref()], stored).optional().map_err(error)).collect()
}

pub(super) fn scan(
    reader: &Connection,
    collection: &str,
    generation: Generation,
    after: &str,
    limit: usize,
) -> Result<Vec<Stored>, Error> {
    let table = table::name(collection, generation);
    reader
        .prepare_cached(&table::fill(include_str!("read/scan.sql"), &table))
        .map_err(error)?
        .query_map(params![after, limit], stored)
        .and_then(Iterator::collect)
        .map_err(error)
}

pub(super) fn checkpoint(
    reader: &Connection,
    collection: &str,
    generation: Generation,
) -> Result<Option<Checkpoint>, Error> {
    let mut select =
        reader.prepare_cached(include_str!("read/select_progress.sql")).map_err(error)?;
    let reached = select.query_map(params![collection, generation.0], reached);
    let reached: Vec<Reached> = reached.and_then(Iterator::collect).map_err(error)?;
    let mut checkpoint = None;
    reached.into_iter().for_each(|reached| join(&mut checkpoint, generation, reached));
    Ok(checkpoint)
}

pub(super) fn all_serving(reader: &Connection) -> Result<BTreeMap<String, Serving>, Error> {
    let mut select =
        reader.prepare_cached(include_str!("read/select_all_serving.sql")).map_err(error)?;
    let rows = select.query_map([], |row| {
        let has_begun = row.get::<_, Option<u32>>(0)?.is_some();
        let reached = if has_begun { Some(reached(row)?) } else { None };
        Ok((row.get(4)?, Generation(row.get(5)?), reached))
    });
    let rows: Vec<(String, _, Option<Reached>)> =
        rows.and_then(Iterator::collect).map_err(error)?;
    let mut all = BTreeMap::new();
    for (collection, generation, reached) in rows {
        let serving = all.entry(collection).or_insert(Serving { generation, checkpoint: None });
        if let Some(reached) = reached {
            join(&mut serving.checkpoint, generation, reached);
        }
    }
    Ok(all)
}

/// How far a part is, and the epoch.
type Reached = (Part, Position, u32);

/// `parts, part, position, epoch`.
fn reached(row: &Row<'_>) -> rusqlite::Result<Reached> {
    let part = Part { of: row.get(0)?, number: row.get(1)? };
    Ok((part, Position(row.get(2)?), row.get(3)?))
}

fn join(
    checkpoint: &mut Option<Checkpoint>,
    generation: Generation,
    (part, position, epoch): Reached,
) {
    let parts = BTreeMap::new();
    let joined = checkpoint.get_or_insert(Checkpoint { generation, parts, epoch });
    joined.parts.insert(part, position);
    joined.epoch = joined.epoch.max(epoch);
}

pub(super) fn serving(reader: &Connection, collection: &str) -> Result<Option<Generation>, Error> {
    reader
        .prepare_cached(include_str!("read/select_serving.sql"))
        .map_err(error)?
        .query_row([collection], |row| row.get(0).map(Generation))
        .optional()
        .map_err(error)
}

/// A page of an index, on its own.
pub(super) struct IndexFind {
    sql: String,
    values: Vec<String>,
    after: Option<Key>,
    pub(super) limit: usize,
}

impl IndexFind {
    pub(super) fn new(
        collection: &str,
        generation: Generation,
        index: &Index,
        find: &Find<'_>,
    ) -> Self {
        let (beyond, order) = match find.direction {
            Direction::Ascending => (">", "ASC"),
            Direction::Descending => ("<", "DESC"),
        };
        let (table, sort) = (table::name(collection, generation), table::column(index.sort));
        let mut sql = format!("SELECT id, position, body, {sort} FROM {table} WHERE ");
        for field in index.equals {
            sql.push_str(&format!("{} = ? AND ", table::column(field)));
        }
        // What a sort field may hold is 0 or more, and any text is more than any number. Of two
        // lower bounds SQLite would take the worse, so that a late page read all before it.
        let has_bound = find.after.is_some() && find.direction == Direction::Ascending;
        if !has_bound {
            sql.push_str(&format!("{sort} >= 0 "));
        }
        if find.after.is_some() {
            let and = if has_bound { "" } else { "AND " };
            sql.push_str(&format!("{and}({sort}, id) {beyond} (?, ?) "));
        }
        sql.push_str(&format!("ORDER BY {sort} {order}, id {order} LIMIT ?"));
        let values = find.equals.iter().map(|&value| value.to_owned()).collect();
        Self { sql, values, after: find.after.clone(), limit: find.limit }
    }

    pub(super) fn run(&self, reader: &Connection) -> Result<Vec<Found>, Error> {
        let mut values: Vec<&dyn ToSql> = Vec::with_capacity(self.values.len() + 3);
        values.extend(self.values.iter().map(|value| -> &dyn ToSql { value }));
        if let Some(after) = &self.after {
            match &after.sort {
                SortValue::Integer(number) => values.push(number),
                SortValue::Text(text) => values.push(text),
            }
            values.push(&after.id);
        }
        values.push(&self.limit);
        reader
            .prepare_cached(&self.sql)
            .map_err(error)?
            .query_map(values.as_slice(), |row| {
                let sort = match row.get_ref(3)? {
                    ValueRef::Integer(number) => SortValue::Integer(number),
                    ValueRef::Text(_) | ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => {
                        SortValue::Text(row.get(3)?)
                    }
                };
                let document = stored(row)?;
                Ok(Found { key: Key { sort, id: document.id.clone() }, document })
            })
            .and_then(Iterator::collect)
            .map_err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Collection;
    use super::super::write;
    use super::*;

    const INDEX: Index = Index { name: "by_seller", equals: &["seller"], sort: "placed" };
    const ORDERS: Collection = Collection { name: "orders", indexes: &[INDEX] };

    #[test]
    fn every_page_is_a_range_of_its_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        write::declare(&mut connection, &ORDERS, Generation(1)).unwrap();
        let key = Key { sort: SortValue::Integer(1), id: "o".to_owned() };
        for (direction, after, range) in [
            (Direction::Ascending, None, "f_placed>?"),
            (Direction::Descending, None, "f_placed>?"),
            (Direction::Ascending, Some(key.clone()), "(f_placed,id)>(?,?)"),
            (Direction::Descending, Some(key), "f_placed>? AND (f_placed,id)<(?,?)"),
        ] {
            let find = Find { index: "by_seller", equals: &["s"], direction, after, limit: 1 };
            let find = IndexFind::new("orders", Generation(1), &INDEX, &find);
            let explain = format!("EXPLAIN QUERY PLAN {}", find.sql);
            let mut explain = connection.prepare(&explain).unwrap();
            let plan: String = explain.raw_query().next().unwrap().unwrap().get(3).unwrap();
            let index = "orders_g1__seller__placed";
            let expected = format!("SEARCH orders_g1 USING INDEX {index} (f_seller=? AND {range})");
            assert_eq!(plan, expected);
        }
    }
}

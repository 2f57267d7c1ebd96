//! What the one writer does, each in a transaction of its own.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::super::{Checkpoint, Collection, Error, Generation, Stored};
use super::{error, read, table};

fn transaction<T>(
    writer: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    // Immediate: a transaction that reads first could not become a writer behind another process.
    let begun = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let result = work(&begun)?;
    begun.commit().map_err(error)?;
    Ok(result)
}

pub(super) fn declare(
    writer: &mut Connection,
    collection: &Collection,
    generation: Generation,
) -> Result<(), Error> {
    let table = table::name(collection.name, generation);
    transaction(writer, |writer| {
        writer.execute(&table::create(&table), []).map_err(error)?;
        let mut columns =
            writer.prepare(include_str!("write/select_columns.sql")).map_err(error)?;
        let columns: Vec<String> = columns
            .query_map([&table], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(error)?;
        for field in table::fields(collection) {
            if !columns.contains(&table::column(field)) {
                writer.execute(&table::add_column(&table, field), []).map_err(error)?;
            }
        }
        for index in collection.indexes {
            writer.execute(&table::create_index(&table, index), []).map_err(error)?;
        }
        Ok(())
    })
}

pub(super) fn put(
    writer: &mut Connection,
    collection: &str,
    generation: Generation,
    documents: &[Stored],
    checkpoint: Option<&Checkpoint>,
) -> Result<(), Error> {
    let table = table::name(collection, generation);
    let upsert = table::fill(include_str!("write/upsert.sql"), &table);
    transaction(writer, |writer| {
        let mut upsert = writer.prepare_cached(&upsert).map_err(error)?;
        for document in documents {
            let body = document.body.as_deref().map(std::str::from_utf8).transpose();
            let body = body.map_err(|error| Error::Invalid(error.to_string()))?;
            upsert
                .execute(params![document.id, integer(document.position.0)?, body])
                .map_err(error)?;
        }
        checkpoint.map_or(Ok(()), |checkpoint| record(writer, collection, checkpoint))
    })
}

fn record(
    writer: &Transaction<'_>,
    collection: &str,
    checkpoint: &Checkpoint,
) -> Result<(), Error> {
    let Checkpoint { generation, parts, epoch } = checkpoint;
    let mut record =
        writer.prepare_cached(include_str!("write/record_progress.sql")).map_err(error)?;
    for (part, position) in parts {
        let position = integer(position.0)?;
        record
            .execute(params![collection, generation.0, part.of, part.number, position, epoch])
            .map_err(error)?;
    }
    Ok(())
}

pub(super) fn drop_generation(
    writer: &mut Connection,
    collection: &str,
    generation: Generation,
) -> Result<(), Error> {
    transaction(writer, |writer| {
        if read::serving(writer, collection)? == Some(generation) {
            return Err(Error::Invalid(format!("generation {} serves", generation.0)));
        }
        let table = table::name(collection, generation);
        let drop_table = table::fill(include_str!("write/drop_table.sql"), &table);
        writer.execute(&drop_table, []).map_err(error)?;
        let delete = include_str!("write/delete_progress.sql");
        writer.execute(delete, params![collection, generation.0]).map_err(error)?;
        Ok(())
    })
}

pub(super) fn serve(
    writer: &mut Connection,
    collection: &str,
    generation: Generation,
) -> Result<(), Error> {
    transaction(writer, |writer| {
        let table = table::name(collection, generation);
        let require = table::fill(include_str!("write/require_table.sql"), &table);
        writer.prepare(&require).map_err(error)?;
        let record = include_str!("write/record_serving.sql");
        writer.execute(record, params![collection, generation.0]).map_err(error)?;
        Ok(())
    })
}

fn integer(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::Invalid(format!("position {value}")))
}

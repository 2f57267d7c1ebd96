//! Indexes and guarded upserts.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use mongodb::bson::{Bson, Document, RawArrayBuf, RawDocumentBuf, cstr, rawdoc};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

use super::super::{Collection, Error, Generation, Index, Stored};
use super::connect::WRITE_CONCERN_TIMEOUT;
use super::{INDEX_TIMEOUT, bounded, command, format};

/// A command is one document and may have 16 MiB.
const COMMAND_BYTES_MAX: usize = 15 << 20;
const COMMAND_UPDATES_MAX: usize = 1_024;
/// Commands of one put that are on their way together.
const COMMANDS_AT_ONCE: usize = 4;
const UPDATE_BYTES: usize = 200;
const DUPLICATE_KEY: i64 = 11_000;

pub(super) async fn create_indexes(
    database: &Database,
    collection: &Collection,
    generation: Generation,
) -> Result<(), Error> {
    if collection.indexes.is_empty() {
        return Ok(());
    }
    let name = format::collection(collection.name, generation);
    let stored = database.collection::<Document>(&name);
    let wanted: Vec<IndexModel> = collection.indexes.iter().map(model).collect();
    bounded(INDEX_TIMEOUT, async { stored.create_indexes(wanted.clone()).await }).await?;
    let there: Vec<IndexModel> =
        command(async { stored.list_indexes().await?.try_collect().await }).await?;
    for index in wanted {
        // A server that lets two of one name stand answers with them in any order.
        let mut same_name =
            there.iter().filter(|there| index_name(there) == index_name(&index)).peekable();
        if same_name.peek().is_none() || !same_name.all(|there| serves_as(there, &index)) {
            let index = index_name(&index).unwrap_or_default();
            return Err(Error::Configuration(format!(
                "index {index} of {name} is missing, on other fields or in another order, or it is \
                 unique or leaves documents out: drop it and start again"
            )));
        }
    }
    Ok(())
}

fn index_name(index: &IndexModel) -> Option<&str> {
    index.options.as_ref()?.name.as_deref()
}

/// Whether an index orders every document as the wanted one would, and refuses none.
fn serves_as(there: &IndexModel, wanted: &IndexModel) -> bool {
    // A direction may come as any number.
    let direction = |value: &Bson| {
        let whole = value.as_i64().and_then(|number| i32::try_from(number).ok());
        value.as_f64().or_else(|| value.as_i32().or(whole).map(f64::from))
    };
    let keys = |index: &IndexModel| -> Vec<(String, Option<f64>)> {
        index.keys.iter().map(|(field, value)| (field.clone(), direction(value))).collect()
    };
    let is_whole = there.options.as_ref().is_none_or(|options| {
        let flags = [options.unique, options.sparse];
        flags.iter().all(|flag| *flag != Some(true)) && options.partial_filter_expression.is_none()
    });
    is_whole && keys(there) == keys(wanted)
}

/// Named for its fields: an index that is declared anew with others is another one.
fn model(index: &Index) -> IndexModel {
    let fields: Vec<&str> = index.equals.iter().copied().chain([index.sort]).collect();
    let mut keys: Document = fields.iter().map(|field| (format::path(field), 1.into())).collect();
    keys.insert("_id", 1);
    let options = IndexOptions::builder().name(fields.join("__")).build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// A guarded write of one document: which it is for, and what it becomes.
struct Update {
    of: RawDocumentBuf,
    to: RawDocumentBuf,
}

pub(super) async fn upsert(
    database: &Database,
    collection: &Collection,
    generation: Generation,
    documents: &[Stored],
) -> Result<(), Error> {
    let name = format::collection(collection.name, generation);
    let sent = stream::iter(commands(collection, documents)?)
        .map(|updates| send(database, &name, updates))
        .buffer_unordered(COMMANDS_AT_ONCE);
    sent.try_collect().await
}

/// As few commands as their limits allow.
fn commands(collection: &Collection, documents: &[Stored]) -> Result<Vec<Vec<Update>>, Error> {
    let (mut commands, mut updates, mut bytes) = (vec![], vec![], 0);
    for stored in documents {
        let older = format::integer(stored.position)?;
        let update = Update {
            of: rawdoc! { "_id": stored.id.as_str(), "position": { "$lt": older } },
            to: format::write(collection, stored)?,
        };
        let size = UPDATE_BYTES + update.of.as_bytes().len() + update.to.as_bytes().len();
        if size > COMMAND_BYTES_MAX {
            return Err(Error::Invalid(format!("document {} is too large", stored.id)));
        }
        if bytes + size > COMMAND_BYTES_MAX || updates.len() == COMMAND_UPDATES_MAX {
            commands.push(std::mem::take(&mut updates));
            bytes = 0;
        }
        bytes += size;
        updates.push(update);
    }
    commands.push(updates);
    Ok(commands)
}

/// An id that is already there is either newer, or another caller has just made it with an older
/// position. The second time, without making one, tells the two apart.
async fn send(database: &Database, name: &str, updates: Vec<Update>) -> Result<(), Error> {
    let known = run(database, name, &updates, true).await?;
    let again = updates.into_iter().enumerate().filter(|(index, _)| known.contains(index));
    let again: Vec<Update> = again.map(|(_, update)| update).collect();
    run(database, name, &again, false).await.map(drop)
}

/// Not every server that speaks this protocol takes the drop of what is not there.
pub(super) async fn drop_collection(
    database: &Database,
    collection: &str,
    generation: Generation,
) -> Result<(), Error> {
    let name = format::collection(collection, generation);
    command(async {
        if !database.list_collection_names().await?.contains(&name) {
            return Ok(());
        }
        database.collection::<Document>(&name).drop().await
    })
    .await
}

/// Answers which updates met an id that is already there.
async fn run(
    database: &Database,
    name: &str,
    updates: &[Update],
    upsert: bool,
) -> Result<BTreeSet<usize>, Error> {
    if updates.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut all = RawArrayBuf::new();
    for Update { of, to } in updates {
        let mut update = RawDocumentBuf::new();
        update.append(cstr!("q"), of);
        update.append(cstr!("u"), to);
        update.append(cstr!("upsert"), upsert);
        all.push(update);
    }
    let timeout = i64::try_from(WRITE_CONCERN_TIMEOUT.as_millis()).unwrap_or(i64::MAX);
    let update = rawdoc! {
        "update": name,
        "updates": all,
        "ordered": false,
        "writeConcern": { "w": "majority", "wtimeout": timeout },
    };
    let answer = command(async { database.run_raw_command(update).await }).await?;
    if let Some(failure) = answer.get("writeConcernError") {
        return Err(Error::Unavailable(format!("not on a majority: {failure}").into()));
    }
    let errors = answer.get_array("writeErrors").map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(duplicate).collect()
}

fn duplicate(error: &Bson) -> Result<usize, Error> {
    let number = |field: &str| match error.as_document().and_then(|error| error.get(field)) {
        Some(Bson::Int32(number)) => Some(i64::from(*number)),
        Some(Bson::Int64(number)) => Some(*number),
        _ => None,
    };
    match (number("code"), number("index").and_then(|index| usize::try_from(index).ok())) {
        (Some(DUPLICATE_KEY), Some(index)) => Ok(index),
        _ => Err(Error::Unavailable(format!("a document was not written: {error}").into())),
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    /// A server may refuse some of these by itself, when they are wanted in another form.
    #[test]
    fn an_index_serves_in_its_fields_and_directions_with_no_document_left_out_or_refused() {
        let wanted = model(&Index { name: "x", equals: &["a"], sort: "b" });
        let there = |keys: Document, options: Document| {
            let options = mongodb::bson::deserialize_from_document(options).unwrap();
            IndexModel::builder().keys(keys).options(Some(options)).build()
        };
        let keys = || doc! { "f.a": 1, "f.b": 1, "_id": 1 };
        for (index, serves) in [
            (there(keys(), doc! {}), true),
            (there(keys(), doc! { "unique": false, "sparse": false }), true),
            (there(doc! { "f.a": 1.0, "f.b": 1_i64, "_id": 1 }, doc! {}), true),
            (there(doc! { "f.a": 1, "f.b": -1, "_id": 1 }, doc! {}), false),
            (there(doc! { "f.a": 1, "f.b": 1, "_id": -1.0 }, doc! {}), false),
            (there(doc! { "f.a": "hashed", "f.b": 1, "_id": 1 }, doc! {}), false),
            (there(doc! { "f.b": 1, "f.a": 1, "_id": 1 }, doc! {}), false),
            (there(doc! { "f.a": 1, "f.b": 1 }, doc! {}), false),
            (there(keys(), doc! { "unique": true }), false),
            (there(keys(), doc! { "sparse": true }), false),
            (there(keys(), doc! { "partialFilterExpression": { "f.a": "x" } }), false),
        ] {
            assert_eq!(serves_as(&index, &wanted), serves, "{index:?}");
        }
    }
}

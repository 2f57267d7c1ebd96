//! The one document of each view: `{_id, serving, generations: {g1: {declared, epoch, parts: {36_5:
//! 17}}}}`, where 17 is up to where part 5 of 36 is in the documents.
//! Every change is one guarded update of it, so that no two of them can contradict each other.

use std::collections::BTreeMap;

use events_schema::envelope::Position;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::UpdateModifications;
use mongodb::{Collection, Database};

use super::super::{Checkpoint, Error, Generation, Part, Serving};
use super::{command, format, look, undeclared};

/// No collection of documents begins with `_`.
fn views(database: &Database) -> Collection<Document> {
    database.collection("_views")
}

fn path(generation: Generation) -> String {
    format!("generations.g{}", generation.0)
}

/// Whether there was a document to change.
async fn update(
    database: &Database,
    filter: Document,
    change: Document,
    upsert: bool,
) -> Result<bool, Error> {
    let change = UpdateModifications::Document(change);
    let views = views(database);
    let done = command(async { views.update_one(filter, change).upsert(upsert).await }).await?;
    Ok(done.matched_count > 0)
}

pub(super) async fn declare(
    database: &Database,
    view: &str,
    generation: Generation,
) -> Result<(), Error> {
    let change = doc! { "$set": { format!("{}.declared", path(generation)): true } };
    update(database, doc! { "_id": view }, change, true).await.map(drop)
}

fn declared(view: &str, generation: Generation) -> Document {
    doc! { "_id": view, path(generation): { "$exists": true } }
}

pub(super) async fn require(
    database: &Database,
    view: &str,
    generation: Generation,
) -> Result<(), Error> {
    let views = views(database);
    let found = look(async { views.find_one(declared(view, generation)).await }).await?;
    if found.is_some() { Ok(()) } else { undeclared() }
}

pub(super) async fn record(
    database: &Database,
    view: &str,
    checkpoint: &Checkpoint,
) -> Result<(), Error> {
    let path = path(checkpoint.generation);
    let mut reached = Document::new();
    for (Part { of, number }, position) in &checkpoint.parts {
        reached.insert(format!("{path}.parts.{of}_{number}"), format::integer(*position)?);
    }
    let epoch = doc! { format!("{path}.epoch"): i64::from(checkpoint.epoch) };
    let mut change = doc! { "$set": epoch };
    if !reached.is_empty() {
        // What another process has reached meanwhile stands.
        change.insert("$max", reached);
    }
    let known = update(database, declared(view, checkpoint.generation), change, false).await?;
    if known { Ok(()) } else { undeclared() }
}

pub(super) async fn serve(
    database: &Database,
    view: &str,
    generation: Generation,
) -> Result<(), Error> {
    let change = doc! { "$set": { "serving": i64::from(generation.0) } };
    let known = update(database, declared(view, generation), change, false).await?;
    if known { Ok(()) } else { undeclared() }
}

/// Takes a generation that does not serve off the list.
pub(super) async fn forget(
    database: &Database,
    view: &str,
    generation: Generation,
) -> Result<(), Error> {
    let filter = doc! { "_id": view, "serving": { "$ne": i64::from(generation.0) } };
    let change = doc! { "$unset": { path(generation): "" } };
    if !update(database, filter, change, false).await? && find(database, view).await?.is_some() {
        return Err(Error::Invalid(format!("generation {} serves", generation.0)));
    }
    Ok(())
}

async fn find(database: &Database, view: &str) -> Result<Option<Document>, Error> {
    let views = views(database);
    look(async { views.find_one(doc! { "_id": view }).await }).await
}

pub(super) async fn checkpoint(
    database: &Database,
    view: &str,
    generation: Generation,
) -> Result<Option<Checkpoint>, Error> {
    let Some(found) = find(database, view).await? else { return Ok(None) };
    read_checkpoint(&found, view, generation)
}

fn read_checkpoint(
    found: &Document,
    view: &str,
    generation: Generation,
) -> Result<Option<Checkpoint>, Error> {
    let stored = found
        .get_document("generations")
        .and_then(|all| all.get_document(format!("g{}", generation.0)));
    let Some((stored, reached)) =
        stored.ok().and_then(|stored| Some((stored, stored.get_document("parts").ok()?)))
    else {
        return Ok(None);
    };
    let unreadable =
        || Error::Unavailable(format!("the checkpoint of {view} is unreadable").into());
    let epoch = stored.get_i64("epoch").ok().and_then(|epoch| epoch.try_into().ok());
    let parts: Option<BTreeMap<Part, Position>> = reached.iter().map(part).collect();
    let (epoch, parts) = epoch.zip(parts).ok_or_else(unreadable)?;
    Ok(Some(Checkpoint { generation, parts, epoch }))
}

fn part((name, position): (&String, &Bson)) -> Option<(Part, Position)> {
    let (of, number) = name.split_once('_')?;
    let part = Part { of: of.parse().ok()?, number: number.parse().ok()? };
    Some((part, Position(position.as_i64()?.try_into().ok()?)))
}

pub(super) async fn serving(database: &Database, view: &str) -> Result<Option<Generation>, Error> {
    Ok(find(database, view).await?.as_ref().and_then(read_serving))
}

fn read_serving(found: &Document) -> Option<Generation> {
    found.get_i64("serving").ok()?.try_into().ok().map(Generation)
}

pub(super) async fn all_serving(database: &Database) -> Result<BTreeMap<String, Serving>, Error> {
    let (views, serves) = (views(database), doc! { "serving": { "$exists": true } });
    let found: Vec<Document> =
        look(async { views.find(serves).await?.try_collect().await }).await?;
    let serving = found.iter().filter_map(|found| {
        let (view, generation) = (found.get_str("_id").ok()?, read_serving(found)?);
        let checkpoint = read_checkpoint(found, view, generation);
        let serving = |checkpoint| (view.to_owned(), Serving { generation, checkpoint });
        Some(checkpoint.map(serving))
    });
    serving.collect()
}

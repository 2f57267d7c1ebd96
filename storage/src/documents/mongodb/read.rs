//! What readers ask.

use std::collections::HashMap;
use std::time::Duration;

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use super::super::{
    Direction, Error, Find, Found, Generation, Index, Key, PAGE_MAX, SortValue, Stored,
};
use super::{COMMAND_TIMEOUT, READ_TIMEOUT, bounded, format};

pub(super) async fn get(
    database: &Database,
    collection: &str,
    generation: Generation,
    ids: &[&str],
) -> Result<Vec<Option<Stored>>, Error> {
    let filter = doc! { "_id": { "$in": ids } };
    let page = Page { filter, sort: doc! {}, limit: PAGE_MAX, patience: READ_TIMEOUT };
    let found = page.read(database, collection, generation).await?;
    let found: HashMap<String, Stored> = found
        .iter()
        .map(|document| format::read(document).map(|stored| (stored.id.clone(), stored)))
        .collect::<Result<_, _>>()?;
    Ok(ids.iter().map(|&id| found.get(id).cloned()).collect())
}

pub(super) async fn scan(
    database: &Database,
    collection: &str,
    generation: Generation,
    (after, limit): (&str, usize),
) -> Result<Vec<Stored>, Error> {
    // Nobody waits for this one: it is read for a rebuild, or to be compared.
    let patience = COMMAND_TIMEOUT;
    let (filter, sort) = (doc! { "_id": { "$gt": after } }, doc! { "_id": 1 });
    let page = Page { filter, sort, limit, patience };
    let found = page.read(database, collection, generation).await?;
    found.iter().map(format::read).collect()
}

pub(super) async fn find(
    database: &Database,
    collection: &str,
    generation: Generation,
    (index, find): (&Index, &Find<'_>),
) -> Result<Vec<Found>, Error> {
    let direction = match find.direction {
        Direction::Ascending => 1,
        Direction::Descending => -1,
    };
    let sort = doc! { format::path(index.sort): direction, "_id": direction };
    let (filter, patience) = (doc! { "$or": ranges(index, find) }, READ_TIMEOUT);
    let page = Page { filter, sort, limit: find.limit, patience };
    let found = page.read(database, collection, generation).await?;
    let found = found.iter().filter_map(|document| {
        let sort = format::sort_value(document, index.sort)?;
        Some(
            format::read(document)
                .map(|document| Found { key: Key { sort, id: document.id.clone() }, document }),
        )
    });
    found.collect()
}

/// The ranges of the index that a page lies in, each with every `equals` field, so that the server
/// walks them side by side in their order. A comparison finds values of its own type only, and any
/// text is more than any number.
fn ranges(index: &Index, find: &Find<'_>) -> Vec<Document> {
    let sort = format::path(index.sort);
    let numbers = doc! { &sort: { "$gte": 0_i64 } };
    let texts = doc! { &sort: { "$gte": "" } };
    let beyond = match find.direction {
        Direction::Ascending => "$gt",
        Direction::Descending => "$lt",
    };
    let ranges = match &find.after {
        None => vec![numbers, texts],
        Some(Key { sort: value, id }) => {
            let (value, other): (Bson, _) = match (value, find.direction) {
                (SortValue::Integer(number), Direction::Ascending) => {
                    ((*number).into(), Some(texts))
                }
                (SortValue::Integer(number), Direction::Descending) => ((*number).into(), None),
                (SortValue::Text(text), Direction::Ascending) => (text.into(), None),
                (SortValue::Text(text), Direction::Descending) => (text.into(), Some(numbers)),
            };
            let tied = doc! { &sort: value.clone(), "_id": { beyond: id } };
            [tied, doc! { &sort: { beyond: value } }].into_iter().chain(other).collect()
        }
    };
    let equals = index.equals.iter().zip(find.equals);
    let equals: Vec<Document> =
        equals.map(|(field, &value)| doc! { format::path(field): value }).collect();
    let within = |range| doc! { "$and": ([equals.as_slice(), &[range]].concat()) };
    ranges.into_iter().map(within).collect()
}

struct Page {
    filter: Document,
    sort: Document,
    limit: usize,
    patience: Duration,
}

impl Page {
    async fn read(
        self,
        database: &Database,
        collection: &str,
        generation: Generation,
    ) -> Result<Vec<Document>, Error> {
        let collection =
            database.collection::<Document>(&format::collection(collection, generation));
        let limit = i64::try_from(self.limit).map_err(|_| Error::Invalid("limit".to_owned()))?;
        bounded(self.patience, async {
            collection.find(self.filter).sort(self.sort).limit(limit).await?.try_collect().await
        })
        .await
    }
}

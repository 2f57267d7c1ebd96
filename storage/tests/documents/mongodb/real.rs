//! What runs on a server.

use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, IndexModel};
use storage::documents::database_url::database_url;
use storage::documents::{Error, Generation, SharedDocuments, open, open_read_only};
use tempfile::TempDir;

use crate::contract::{self, ORDERS, g};
use crate::{read_only, together};

/// A database of its own, removed at the end if the server still does so. Its folder lends it a name that no other has.
pub(super) struct Database {
    server: String,
    folder: TempDir,
}

impl Database {
    pub(super) fn new() -> Self {
        let server = std::env::var("JANGTEO_TEST_MONGODB").unwrap();
        let folder = tempfile::Builder::new().prefix("jangteo_").tempdir().unwrap();
        Self { server, folder }
    }

    fn name(&self) -> String {
        self.folder.path().file_name().unwrap().to_str().unwrap().to_owned()
    }

    pub(super) fn url(&self) -> String {
        database_url(&self.server, &self.name())
    }

    async fn open(&self) -> SharedDocuments {
        open(&self.url()).await.unwrap()
    }

    async fn database(&self) -> mongodb::Database {
        Client::with_uri_str(&self.url()).await.unwrap().database(&self.name())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                drop(runtime.unwrap().block_on(async { self.database().await.drop().await }));
            });
        });
    }
}

async fn a_store() -> (Database, SharedDocuments) {
    let database = Database::new();
    let documents = database.open().await;
    (database, documents)
}

contract::run_on!(a_store);

#[tokio::test]
async fn another_process_reads_what_this_one_writes() {
    let (database, documents) = a_store().await;
    together::one_reads_what_the_other_writes(documents, database.open().await).await;
}

#[tokio::test]
async fn a_reader_makes_no_collection_and_writes_nothing() {
    let database = Database::new();
    let reader = open_read_only(&database.url()).await.unwrap();
    read_only::what_is_not_there_reads_as_undeclared(&reader).await;
    let there = database.database().await.list_collection_names().await.unwrap();
    assert!(there.is_empty(), "{there:?}");
    let writer = database.open().await;
    read_only::a_reader_sees_what_is_written_and_writes_nothing(&reader, writer).await;
}

#[tokio::test]
async fn declared_indexes_are_there() {
    let (database, documents) = a_store().await;
    documents.declare(&ORDERS, Generation(7)).await.unwrap();
    let stored = database.database().await.collection::<Document>("orders_g7");
    let mut names = stored.list_index_names().await.unwrap();
    names.sort();
    assert_eq!(names, ["_id_", "placed", "seller__placed", "seller__state__number"]);
}

#[tokio::test]
async fn an_index_of_that_name_that_does_not_serve_is_a_configuration_error() {
    let unique = IndexOptions::builder().unique(true).build();
    let sparse = IndexOptions::builder().sparse(true).build();
    let some = doc! { "f.placed": { "$gt": 5_i64 } };
    let partial = IndexOptions::builder().partial_filter_expression(some).build();
    let (usual, ours) = (IndexOptions::default(), doc! { "f.placed": 1, "_id": 1 });
    for (keys, options, serves) in [
        (ours.clone(), usual.clone(), true),
        (doc! { "f.placed": 1_i64, "_id": 1.0 }, usual.clone(), true),
        (doc! { "x": 1 }, usual.clone(), false),
        (doc! { "_id": 1, "f.placed": 1 }, usual.clone(), false),
        (doc! { "f.placed": -1, "_id": 1 }, usual.clone(), false),
        (doc! { "f.placed": 1, "_id": -1 }, usual, false),
        (ours.clone(), unique, false),
        (ours.clone(), sparse, false),
        (ours, partial, false),
    ] {
        let (database, documents) = a_store().await;
        let stored = database.database().await.collection::<Document>("orders_g1");
        let mut options = options;
        options.name = Some("placed".to_owned());
        let there = format!("{keys} {options:?}");
        let model = IndexModel::builder().keys(keys).options(options).build();
        stored.create_index(model).await.unwrap();
        let declared = documents.declare(&ORDERS, g(1)).await;
        match declared {
            Ok(()) => assert!(serves, "{there}"),
            Err(Error::Configuration(_)) => assert!(!serves, "{there}: {declared:?}"),
            Err(_) => panic!("{there}: {declared:?}"),
        }
    }
}

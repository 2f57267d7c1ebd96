//! The contract of `documents`, on every adapter.

#[cfg(test)]
#[path = "documents/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "documents/finding.rs"]
mod finding;
#[cfg(test)]
#[path = "documents/many.rs"]
mod many;
#[cfg(test)]
#[path = "documents/model.rs"]
mod model;
#[cfg(feature = "mongodb")]
#[cfg(test)]
#[path = "documents/mongodb.rs"]
mod mongodb;
#[cfg(test)]
#[path = "documents/progress.rs"]
mod progress;
#[cfg(test)]
#[path = "documents/read_only.rs"]
mod read_only;
#[cfg(test)]
#[path = "documents/together.rs"]
mod together;

#[cfg(test)]
mod sqlite {
    use storage::documents::{Error, SharedDocuments, open, open_read_only};
    use tempfile::TempDir;

    use super::contract::{self, ORDERS, a_document, g};
    use super::{read_only, together};

    async fn a_store() -> (TempDir, SharedDocuments) {
        let folder = tempfile::tempdir().unwrap();
        let documents = open_in(&folder).await;
        (folder, documents)
    }

    async fn open_in(folder: &TempDir) -> SharedDocuments {
        open(&format!("sqlite:{}", folder.path().join("documents.db").display())).await.unwrap()
    }

    contract::run_on!(a_store with transactions);

    #[tokio::test]
    async fn what_was_put_is_there_after_a_restart() {
        let (folder, documents) = a_store().await;
        documents.declare(&ORDERS, g(1)).await.unwrap();
        documents.put(&ORDERS, g(1), &[a_document("o1", 1, "s1", 1)], None).await.unwrap();
        drop(documents);
        let documents = open_in(&folder).await;
        assert!(documents.get(&ORDERS, g(1), &["o1"]).await.unwrap()[0].is_some());
    }

    #[tokio::test]
    async fn another_process_reads_what_this_one_writes() {
        let (folder, documents) = a_store().await;
        together::one_reads_what_the_other_writes(documents, open_in(&folder).await).await;
    }

    #[tokio::test]
    async fn a_reader_makes_no_file_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("documents.db");
        let reader = open_read_only(&format!("sqlite:{}", file.display())).await.unwrap();
        read_only::what_is_not_there_reads_as_undeclared(&reader).await;
        assert!(!file.exists());
        let writer = open_in(&folder).await;
        read_only::what_is_not_there_reads_as_undeclared(&reader).await;
        read_only::a_reader_sees_what_is_written_and_writes_nothing(&reader, writer).await;
    }

    #[tokio::test]
    async fn what_is_no_database_is_not_opened_to_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("documents.db");
        std::fs::write(&file, "This is no database, whatever its name says.").unwrap();
        let refused = open_read_only(&format!("sqlite:{}", file.display())).await;
        assert!(matches!(refused, Err(Error::Configuration(_))), "{refused:?}");
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_a_configuration_error() {
        for url in ["sqlite:/nowhere/at/all.db", "mysql://x", "", "sqlite"] {
            assert!(matches!(open(url).await, Err(Error::Configuration(_))), "{url}");
        }
    }
}

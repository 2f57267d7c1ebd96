//! The contract of `search`, on every adapter.

#[cfg(test)]
#[path = "search/contract.rs"]
mod contract;
#[cfg(feature = "elasticsearch")]
#[cfg(test)]
#[path = "search/elasticsearch.rs"]
mod elasticsearch;
#[cfg(test)]
#[path = "search/facets.rs"]
mod facets;
#[cfg(test)]
#[path = "search/finding.rs"]
mod finding;
#[cfg(test)]
#[path = "search/liked.rs"]
mod liked;
#[cfg(test)]
#[path = "search/nearby.rs"]
mod nearby;
#[cfg(test)]
#[path = "search/paging.rs"]
mod paging;
#[cfg(test)]
#[path = "search/read_only.rs"]
mod read_only;
#[cfg(test)]
#[path = "search/suggesting.rs"]
mod suggesting;

#[cfg(feature = "elasticsearch")]
#[cfg(test)]
#[path = "tls/server.rs"]
mod tls_server;
#[cfg(feature = "elasticsearch")]
#[cfg(test)]
#[path = "tls/trust.rs"]
mod trust;

#[cfg(test)]
mod tantivy {
    use std::slice;

    use storage::search::{Error, SharedSearch, open, open_read_only};
    use tempfile::TempDir;

    use super::contract::{self, all, an_entry, g, ids, text};
    use super::read_only;

    async fn an_index() -> (TempDir, SharedSearch) {
        let folder = tempfile::tempdir().unwrap();
        let search = open_in(&folder).await;
        (folder, search)
    }

    async fn open_in(folder: &TempDir) -> SharedSearch {
        open(&format!("tantivy:{}", folder.path().join("search").display())).await.unwrap()
    }

    contract::run_on!(an_index);

    #[tokio::test]
    async fn what_was_put_is_there_after_a_restart() {
        let (folder, search) = an_index().await;
        search.declare(g(1)).await.unwrap();
        search.put(g(1), vec![an_entry("a", 2, "아이폰")]).await.unwrap();
        drop(search);
        let search = open_in(&folder).await;
        assert_eq!(ids(&search, &all()).await, ["a"]);
        search
            .put(g(1), vec![an_entry("a", 1, "갤럭시"), an_entry("b", 1, "갤럭시")])
            .await
            .unwrap();
        let entries = search.scan(g(1), None, 10).await.unwrap();
        assert_eq!(entries[0], an_entry("a", 2, "아이폰"));
        assert_eq!(entries.len(), 2);
    }

    #[tokio::test]
    async fn another_process_reads_what_this_one_writes() {
        let (folder, search) = an_index().await;
        search.declare(g(1)).await.unwrap();
        let other = open_in(&folder).await;
        for position in 1..=20 {
            let entry = an_entry("a", position, "아이폰");
            search.put(g(1), vec![entry.clone()]).await.unwrap();
            assert_eq!(other.scan(g(1), None, 10).await.unwrap(), slice::from_ref(&entry));
        }
    }

    #[tokio::test]
    async fn a_reader_makes_no_folder_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("search");
        let reader = open_read_only(&format!("tantivy:{}", place.display())).await.unwrap();
        read_only::a_reader_of_nothing_writes_nothing(&reader).await;
        assert!(!place.exists());
        let writer = open_in(&folder).await;
        read_only::a_reader_sees_what_is_written(&reader, writer).await;
    }

    #[tokio::test]
    async fn new_names_find_what_was_written_before() {
        let (folder, search) = an_index().await;
        search.declare(g(1)).await.unwrap();
        let entries = vec![an_entry("a", 1, "뚜벅초 인형"), an_entry("b", 1, "Oddish doll")];
        search.put(g(1), entries).await.unwrap();
        assert_eq!(ids(&search, &text("oddish")).await, ["b"]);
        let names = folder.path().join("search/lexicon.txt");
        std::fs::write(&names, "뚜벅초, oddish\n").unwrap();
        assert_eq!(ids(&open_in(&folder).await, &text("oddish")).await, ["a", "b"]);
        std::fs::write(&names, "나이키, 아디다스\n").unwrap();
        let refused = open(&format!("tantivy:{}/search", folder.path().display())).await;
        assert!(
            matches!(refused, Err(Error::Configuration(problem)) if problem.contains("line 1"))
        );
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_a_configuration_error() {
        for url in ["tantivy:/proc/nowhere", "elastic:x", ""] {
            assert!(matches!(open(url).await, Err(Error::Configuration(_))), "{url}");
        }
    }
}
